"""The only definition of "public". Every anonymous read starts here.

A publication is public while `visible_from <= now < visible_until`. A statement is built once for
each shape of question and run by `cms.reading`; `:now` is a parameter like any other, so the site
of another moment is the same question.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.expression import CompoundSelect
from sqlalchemy.sql.operators import custom_op

from cms.models import (
    Author,
    Category,
    EntrySlug,
    Kind,
    Publication,
    PublicationTerm,
    Tag,
    Thread,
)
from cms.models.base import UtcDateTime

NOW = bindparam("now", type_=UtcDateTime())
LOCALE = bindparam("locale", type_=String())
SLUG = bindparam("slug", type_=String())

# What a list shows of a row, and what the single object adds.
BRIEF = (Publication.summary, Publication.links, Thread.approved, Thread.is_open)
FAQ = (Publication.summary, Publication.links, Publication.document)
FULL = (*BRIEF, Publication.document, Publication.body_markdown)


def not_past(row: Any = Publication) -> ColumnElement[bool]:
    # Spelled as in the partial indexes: SQLite does not take `past = 0` for `NOT past`.
    return UnaryExpression(row.past, operator=custom_op("NOT "), type_=Boolean())


def is_public(row: Any = Publication) -> ColumnElement[bool]:
    """The definition. Everything that the public sees is one of these rows, or hangs on one."""
    return and_(not_past(row), row.visible_from <= NOW, row.visible_until > NOW)


def among(column: Any, name: str, size: int) -> ColumnElement[bool]:
    """`column IN (:name_0, …)`. Ask for a round `size`, so that few statements serve all lengths."""
    return column.in_([bindparam(f"{name}_{n}", type_=String()) for n in range(size)])


def padded(name: str, values: list[str]) -> dict[str, str]:
    """Parameters for `among`: the values, and blanks that match nothing."""
    size = round_size(len(values))
    return {f"{name}_{n}": one for n, one in enumerate(values + [""] * (size - len(values)))}


def round_size(length: int) -> int:
    return max(4, 1 << (length - 1).bit_length()) if length else 4


@cache
def by_slug(kind: Kind) -> Select[Any]:
    """The public row of `:locale` and `:slug`, whole; a post with its neighbours in time."""
    here = and_(Publication.locale == LOCALE, Publication.slug == SLUG, is_public())
    if kind is Kind.FAQ:
        return select(*FAQ).where(Publication.kind == kind, here)
    query = select(*FULL, _neighbour(older=True), _neighbour(older=False))
    joined = query.outerjoin(Thread, Thread.post_id == Publication.entry_id)
    return joined.where(Publication.kind == kind, here)


def _neighbour(*, older: bool) -> Any:
    """The summary of the next post in time, on one side."""
    other = aliased(Publication)
    theirs, mine = (tuple_(row.published_at, row.entry_id) for row in (other, Publication))
    order = [other.published_at, other.entry_id]
    query = select(other.summary).where(
        other.kind == Kind.POST,
        other.locale == Publication.locale,
        is_public(other),
        other.published_at <= NOW,
        theirs < mine if older else theirs > mine,
    )
    sorted_query = query.order_by(*(column.desc() if older else column for column in order))
    return sorted_query.limit(1).correlate(Publication).scalar_subquery()


@cache
def present_slug(kind: Kind) -> Select[Any]:
    """The slug that an entry is public under now, asked for by one that it was public under."""
    former = aliased(Publication)
    was_public = exists().where(
        former.entry_id == EntrySlug.entry_id,
        former.slug == SLUG,
        former.locale == LOCALE,
        or_(former.past, and_(not_past(former), former.visible_from <= NOW)),
    )
    return (
        select(Publication.slug)
        .join(EntrySlug, EntrySlug.entry_id == Publication.entry_id)
        .where(
            EntrySlug.kind == kind,
            EntrySlug.locale == LOCALE,
            EntrySlug.slug == SLUG,
            Publication.locale == LOCALE,
            is_public(),
            was_public,
        )
    )


@cache
def names(size: int) -> CompoundSelect[Any]:
    """What ids are called now: `(kind, id, slug, name, more)` of tags, categories, authors, FAQs.

    An id that is not there, or not public, has no row.
    """
    plain = [
        select(literal(kind), model.id, model.slug, model.name, more).where(
            among(model.id, "id", size)
        )
        for kind, model, more in (
            ("tag", Tag, null()),
            ("category", Category, null()),
            ("author", Author, Author.credentials),
        )
    ]
    faqs = select(
        literal("faq"),
        Publication.entry_id,
        Publication.slug,
        Publication.summary,
        Publication.document,
    ).where(among(Publication.entry_id, "id", size), Publication.kind == Kind.FAQ, is_public())
    return union_all(*plain, faqs)


@cache
def cards(size: int) -> Select[Any]:
    """Those of the posts with these ids that are public, as in a list, in any order."""
    return (
        select(*BRIEF)
        .outerjoin(Thread, Thread.post_id == Publication.entry_id)
        .where(among(Publication.entry_id, "id", size), Publication.kind == Kind.POST, is_public())
    )


@cache
def faqs(size: int) -> Select[Any]:
    """Those of the FAQs with these ids that are public, in any order."""
    return select(*FAQ).where(
        among(Publication.entry_id, "id", size), Publication.kind == Kind.FAQ, is_public()
    )


@cache
def post_id() -> Select[Any]:
    """The entry behind a public post, its links, and whether comments are open."""
    return (
        select(Publication.entry_id, Publication.links, Thread.is_open, Thread.approved)
        .outerjoin(Thread, Thread.post_id == Publication.entry_id)
        .where(
            Publication.kind == Kind.POST,
            Publication.locale == LOCALE,
            Publication.slug == SLUG,
            is_public(),
        )
    )


@cache
def not_showing(kind: Kind) -> CompoundSelect[Any]:
    """`(locale, term, rows)` of counted rows that have not begun or have ended: few, by index.

    A counter less these is what is public at this moment.
    """
    outside = [Publication.visible_from > NOW, Publication.visible_until <= NOW]
    everything = [
        select(Publication.locale, literal(""), func.count())
        .where(Publication.kind == kind, not_past(), side)
        .group_by(Publication.locale)
        for side in outside
    ]
    by_term = [
        select(Publication.locale, PublicationTerm.term, func.count())
        .join(PublicationTerm, PublicationTerm.publication_id == Publication.id)
        .where(Publication.kind == kind, not_past(), side)
        .group_by(Publication.locale, PublicationTerm.term)
        for side in outside
    ]
    return union_all(*everything, *by_term)
