"""The only definition of "public". Every anonymous read starts here.

A publication is public while `visible_from <= now < visible_until`. A statement is built once for
each shape of question and run by `cms.reading`; `:now` is a parameter like any other, so the site
of another moment is the same question.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.expression import CompoundSelect
from sqlalchemy.sql.operators import custom_op

from cms.models import (
    Author,
    Category,
    Kind,
    LinkKind,
    Media,
    Publication,
    PublicationLink,
    PublicationTerm,
    Tag,
    Thread,
)
from cms.models.base import UtcDateTime
from cms.services import media_addresses
from cms.services.published_review import latest_review
from cms.services.sql import joined, listed, only, stored_bytes, unindexed

NOW = bindparam("now", type_=UtcDateTime())
LOCALE = bindparam("locale", type_=String())
SLUG = bindparam("slug", type_=String())


def not_past(row: Any = Publication) -> ColumnElement[bool]:
    # Spelled as in the partial indexes: SQLite does not take `past = 0` for `NOT past`.
    return UnaryExpression(row.past, operator=custom_op("NOT "), type_=Boolean())


def is_public(row: Any = Publication) -> ColumnElement[bool]:
    """The definition. Everything that the public sees is one of these rows, or hangs on one."""
    # SQLite keeps no statistics here. Left to choose, it would enter an index at "everything that
    # began before now", which is everything, rather than at the slug that was asked for.
    starts, ends = unindexed(row.visible_from), unindexed(row.visible_until)
    # `NOT past` opens the partial indexes; the comparison lets SQLite enter the one by owner.
    return and_(not_past(row), row.past == false(), starts <= NOW, ends > NOW)


def among(column: Any, name: str, size: int, kind: Any = String) -> ColumnElement[bool]:
    """`column IN (:name_0, …)`. With a round `size`, few statements serve all lengths."""
    return column.in_([bindparam(f"{name}_{n}", type_=kind()) for n in range(size)])


def padded(name: str, values: Sequence[Any], blank: Any = "") -> dict[str, Any]:
    """Parameters for `among`: the values, and blanks that match nothing."""
    blanks = [blank] * (round_size(len(values)) - len(values))
    return {f"{name}_{n}": one for n, one in enumerate([*values, *blanks])}


def round_size(length: int) -> int:
    return max(4, 1 << (length - 1).bit_length()) if length else 4


def _links(kind: LinkKind, model: Any, key: Any) -> Select[Any]:
    """What a row names by ids of one kind, in order; `key` is the column that the ids are of."""
    link = aliased(PublicationLink)
    rows = select().select_from(link).join(model, key == link.target_id)
    mine = rows.where(link.publication_id == Publication.id, link.kind == kind)
    return mine.order_by(link.position).correlate(Publication)


def _public_faqs() -> ColumnElement[Any]:
    """The FAQs of a row that are public at this moment, as posts show them."""
    faq = aliased(Publication)
    rows = _links(LinkKind.FAQ, faq, faq.entry_id)
    return joined(rows.where(is_public(faq)), faq.details)


def _public_translations() -> ColumnElement[Any]:
    """What is public in other locales of what a row says."""
    other = aliased(Publication)
    rows = (
        select()
        .select_from(other)
        .where(
            other.translation_group == Publication.translation_group,
            other.locale != Publication.locale,
            is_public(other),
        )
    )
    return listed(rows.order_by(other.locale).correlate(Publication), other, "locale", "slug")


# What a list shows of a post, and what the single post adds. Names are what they are now.
TAGS = listed(_links(LinkKind.TAG, Tag, Tag.id), Tag, "slug", "name")
CATEGORY = only(_links(LinkKind.CATEGORY, Category, Category.id), Category, "slug", "name")
AUTHORS = listed(_links(LinkKind.AUTHOR, Author, Author.id), Author, "slug", "name", "credentials")
TRANSLATIONS = _public_translations()
HERO = media_addresses.named(_links(LinkKind.HERO, Media, Media.id))
BRIEF = (
    Publication.id,
    Publication.summary,
    CATEGORY,
    TAGS,
    AUTHORS,
    HERO,
    Thread.approved,
    Thread.is_open,
    TRANSLATIONS,
    latest_review(),
)
BODY = (stored_bytes(Publication.body), stored_bytes(Publication.body_markdown))
FAQ = (Publication.summary, TAGS, Publication.body, TRANSLATIONS)
# What a list can show of its rows, by name.
COLUMNS = {"brief": BRIEF, "full": BRIEF + BODY, "faq": FAQ, "summary": (Publication.summary,)}


@cache
def by_slug(kind: Kind, *, markdown: bool = False) -> Select[Any]:
    """The public row of `:locale` and `:slug`: FAQ, or BRIEF and what only one post shows.

    `markdown` adds the body's Markdown at the end.
    """
    if kind is Kind.FAQ:
        return select(*FAQ).where(_here(kind))
    query = select(
        *BRIEF,
        stored_bytes(Publication.body),
        Publication.details,
        _public_faqs(),
        _neighbour(older=True),
        _neighbour(older=False),
        *([stored_bytes(Publication.body_markdown)] if markdown else []),
    )
    return query.outerjoin(Thread, Thread.post_id == Publication.entry_id).where(_here(kind))


def _here(kind: Kind) -> ColumnElement[bool]:
    named = and_(Publication.locale == LOCALE, Publication.slug == SLUG)
    return and_(Publication.kind == kind, named, is_public())


def _neighbour(*, older: bool) -> Any:
    """The summary of the next post in time, on one side."""
    other = aliased(Publication)
    here = and_(other.kind == Kind.POST, other.locale == Publication.locale, is_public(other))
    # The bound that the index is entered by is written first and alone: given two upper bounds,
    # SQLite would enter at `now`, and walk back through every newer post.
    beside = (
        and_(other.published_at <= Publication.published_at, _before(other, Publication))
        if older
        else and_(other.published_at >= Publication.published_at, _before(Publication, other))
    )
    query = select(other.summary).where(here, beside)
    if older:
        query = query.order_by(other.published_at.desc(), other.entry_id.desc())
    else:
        query = query.where(other.published_at <= NOW)
        query = query.order_by(other.published_at, other.entry_id)
    return query.limit(1).correlate(Publication).scalar_subquery()


def _before(one: Any, other: Any) -> ColumnElement[bool]:
    same_time = and_(one.published_at == other.published_at, one.entry_id < other.entry_id)
    return or_(one.published_at < other.published_at, same_time)


@cache
def present_slug(kind: Kind) -> Select[Any]:
    """The slug that an entry is public under now, asked for by one that it was public under.

    Of several entries that had the slug, the one that had it last.
    """
    former = aliased(Publication)
    named = and_(former.kind == kind, former.locale == LOCALE, former.slug == SLUG)
    return (
        select(Publication.slug)
        .join(former, former.entry_id == Publication.entry_id)
        .where(named, former.past, Publication.locale == LOCALE, is_public())
        .order_by(former.visible_from.desc())
        .limit(1)
    )


@cache
def cards(size: int) -> Select[Any]:
    """What some rows, `:publication_0` and so on, picked and what is public, in their order.

    BRIEF, the editor's note, and the id of the row that picked it.
    """
    link = PublicationLink
    picked = among(link.publication_id, "publication", size, Integer)
    return (
        select(*BRIEF, link.note, link.publication_id)
        .join(link, link.target_id == Publication.entry_id)
        .outerjoin(Thread, Thread.post_id == Publication.entry_id)
        .where(picked, link.kind == LinkKind.RELATED, is_public())
        .order_by(link.publication_id, link.position)
    )


@cache
def faqs_of() -> Select[Any]:
    """The place among its FAQs, and FAQ, of those that `:publication` names and that are public."""
    return (
        select(PublicationLink.position, *FAQ)
        .join(PublicationLink, PublicationLink.target_id == Publication.entry_id)
        .where(
            PublicationLink.publication_id == bindparam("publication", type_=Integer()),
            PublicationLink.kind == LinkKind.FAQ,
            is_public(),
        )
        .order_by(PublicationLink.position)
    )


@cache
def post_and_thread() -> Select[Any]:
    """`(entry id, publication id, is_open, approved)` of the post of `:locale` and `:slug`."""
    return (
        select(Publication.entry_id, Publication.id, Thread.is_open, Thread.approved)
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
