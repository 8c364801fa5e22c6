"""Statements over what has changed for the public between two states of the site."""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from cms.models import (
    Change,
    Generation,
    Kind,
    MergedTerm,
    Publication,
    PublicationTerm,
    Thread,
)
from cms.models.base import UtcDateTime
from cms.services import closing
from cms.services.delivery.documents import ENTRIES, KINDS
from cms.services.generation import GONE, OPENNESS
from cms.services.published import not_past
from cms.services.sql_plans import unindexed

RANK = {kind: rank for rank, kind in enumerate(KINDS)}


def _time(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime())


def _text(name: str) -> Any:
    return bindparam(name, type_=String())


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger())


GENERATION = select(Generation.value)
LOGGED = (Change.generation > _number("older"), Change.generation <= _number("newer"))


def _named(prefix: str) -> ColumnElement[bool]:
    """Whether a key begins with a word and a colon."""
    return (Change.key >= f"{prefix}:") & (Change.key < f"{prefix};")


def _logged(kind: str) -> Select[Any]:
    # A key may say more after the id, which has 36 letters.
    name = func.substr(Change.key, len(kind) + 2, 36)
    return select(literal(RANK[kind]).label("rank"), name.label("id")).where(*LOGGED, _named(kind))


def _flipped(kind: Kind) -> list[Select[Any]]:
    """What began or ended by the clock alone; who marks a row as past logs that."""
    return [
        select(literal(RANK[kind]), Publication.entry_id).where(
            # Else SQLite would enter by the kind, and walk through every post.
            unindexed(Publication.kind) == literal(kind.value, String()),
            not_past(),
            side > _time("start"),
            side <= _time("end"),
        )
        for side in (Publication.visible_from, Publication.visible_until)
    ]


def _closed() -> Select[Any]:
    """Posts whose threads the clock has closed."""
    between = closing.closing(_time("start"), _time("end"))
    public = (Publication.entry_id == Thread.post_id) & not_past()
    query = select(literal(RANK[Kind.POST]), Thread.post_id).join(Publication, public)
    return query.where(between)


def _every_post() -> Select[Any]:
    post = (Publication.kind == Kind.POST, not_past())
    return select(literal(RANK[Kind.POST]), Publication.entry_id).where(*post)


# Whether the rules have opened or closed threads between two generations.
OPENED = select(Change.key).where(*LOGGED, Change.key == OPENNESS).limit(1)


@cache
def changed(*, opened: bool) -> Select[Any]:
    """`(rank, id)` of all that may read otherwise, after `:rank` and `:id`, up to `:limit`.

    Between generations `:older` and `:newer`, and between the times `:start` and `:end`. `opened`:
    every post may, as `OPENED` tells.
    """
    direct = [_logged(kind) for kind in KINDS]
    direct += [part for kind in ENTRIES for part in _flipped(Kind(kind))]
    direct += [_closed(), *([_every_post()] if opened else [])]
    touched = union(*direct).cte("touched")
    everything = union(
        select(touched.c.rank, touched.c.id),
        _translations(touched),
        _posts_that_name(touched),
        _posts_of_heirs(touched),
    ).subquery()
    rank, name = everything.c
    beyond = or_(rank > _number("rank"), (rank == _number("rank")) & (name > _text("id")))
    query = select(rank, name).where(beyond).order_by(rank, name)
    return query.limit(bindparam("limit", type_=Integer()))


def _translations(touched: Any) -> Select[Any]:
    """What shows something touched among its translations."""
    one, other = aliased(Publication), aliased(Publication)
    return (
        select(touched.c.rank, other.entry_id)
        .select_from(touched)
        .join(one, one.entry_id == touched.c.id)
        .join(other, other.translation_group == one.translation_group)
        .where(not_past(other))
    )


def _posts_that_name(touched: Any) -> Select[Any]:
    """A post names the FAQs that are public, so each of these changes its posts."""
    term = PublicationTerm
    named = literal(f"{Kind.FAQ}:", String()) + touched.c.id
    return (
        select(literal(RANK[Kind.POST]), term.entry_id)
        .select_from(touched)
        .join(term, term.term == named)
        .where(touched.c.rank == RANK[Kind.FAQ])
    )


def _posts_of_heirs(touched: Any) -> Select[Any]:
    """Posts and FAQs with a term that another was merged into: some have another id now."""
    term = PublicationTerm
    named = MergedTerm.kind + literal(":", String()) + MergedTerm.into_id
    rank = (term.kind == Kind.POST).cast(Integer) * (RANK[Kind.POST] - RANK[Kind.FAQ])
    return (
        select(rank + RANK[Kind.FAQ], term.entry_id)
        .select_from(touched)
        .join(MergedTerm, MergedTerm.id == touched.c.id)
        .join(term, term.term == named)
    )


@cache
def buried() -> Select[Any]:
    """The keys of entries that were public and were removed for ever between two generations."""
    return select(Change.key).distinct().where(*LOGGED, _named(GONE))
