"""The statements behind single posts and FAQs, and what they show of others.

Each is built once, and run by `cms.reading` for a moment, a locale and a slug.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from cms.models import (
    Category,
    Kind,
    LinkKind,
    MergedTerm,
    Publication,
    PublicationLink,
    SimilarPost,
    Tag,
    Thread,
)
from cms.services import closing
from cms.services.delivery.columns import CARD_PARTS, CARD_STATE, FAQ
from cms.services.published import LOCALE, NOW, among, is_past, is_public, neighbour, not_past
from cms.services.sql import json_text, stored_bytes
from cms.services.sql_plans import unindexed

SLUG = bindparam("slug", type_=String())


@cache
def by_slug(kind: Kind, *, markdown: bool = False) -> Select[Any]:
    """The public row of `:locale` and `:slug`: FAQ, or CARD_STATE, CARD_PARTS and what only a
    single post shows.

    `markdown` adds the body's Markdown at the end.
    """
    if kind is Kind.FAQ:
        return select(*FAQ).where(_here(kind))
    query = select(
        *CARD_STATE,
        *CARD_PARTS,
        stored_bytes(Publication.body),
        Publication.details,
        neighbour(older=True, column="summary"),
        neighbour(older=False, column="summary"),
        *([stored_bytes(Publication.body_markdown)] if markdown else []),
    )
    return query.outerjoin(Thread, Thread.post_id == Publication.entry_id).where(_here(kind))


def _here(kind: Kind) -> ColumnElement[bool]:
    named = and_(Publication.locale == LOCALE, Publication.slug == SLUG)
    return and_(Publication.kind == kind, named, is_public())


@cache
def present_slug(kind: Kind) -> Select[Any]:
    """The slug that an entry is public under now, asked for by one that it was public under.

    Of several entries that had the slug, the one that had it last.
    """
    former = aliased(Publication)
    named = and_(former.kind == kind, former.locale == LOCALE, former.slug == SLUG)
    ended = unindexed(former.visible_until) <= NOW
    # Each half is entered by an index of its own. What has ended is marked some time later.
    halves = [
        select(former.entry_id, former.visible_from).where(named, ended, part)
        for part in (is_past(former), not_past(former))
    ]
    known = union_all(*halves).subquery()
    return (
        select(Publication.slug)
        .join(known, known.c.entry_id == Publication.entry_id)
        .where(Publication.locale == LOCALE, is_public())
        .order_by(known.c.visible_from.desc())
        .limit(1)
    )


@cache
def picked(size: int) -> Select[Any]:
    """What some rows, `:publication_0` and so on, picked and what is public, in their order.

    CARD_STATE, the editor's note, and the id of the row that picked it.
    """
    link = PublicationLink
    picked = among(link.publication_id, "publication", size, Integer)
    return (
        select(*CARD_STATE, link.note, link.publication_id)
        .join(link, link.target_id == Publication.entry_id)
        .where(picked, link.kind == LinkKind.RELATED, is_public())
        .order_by(link.publication_id, link.position)
    )


@cache
def similar(size: int) -> Select[Any]:
    """What is public and resembles the posts of some rows, best first, but for what they name.

    CARD_STATE, score and reasons, and the id of the row that it resembles. Where one of the two has
    another text by now, there are no reasons: they may name what is public no more.
    """
    source, link, row = aliased(Publication), PublicationLink, SimilarPost
    holds = and_(row.publication_id == source.id, row.similar_publication_id == Publication.id)
    reasons = case((holds, json_text(row.reasons)), else_="[]")
    kinds = (LinkKind.RELATED, LinkKind.EXCLUDED)
    named = exists().where(
        link.publication_id == source.id,
        link.kind.in_(kinds),
        link.target_id == row.similar_id,
    )
    return (
        select(*CARD_STATE, row.score, reasons, source.id)
        .select_from(source)
        .join(row, row.post_id == source.entry_id)
        .join(Publication, Publication.entry_id == row.similar_id)
        .where(among(source.id, "publication", size, Integer), is_public(), ~named)
        .order_by(source.id, row.position)
    )


@cache
def names_of_terms(size: int) -> CompoundSelect[Any]:
    """`(id, slug)` of tags and categories; of merged ones, the slug of what they became."""
    parts = []
    for model in (Tag, Category):
        became = select(MergedTerm.id, model.slug).join(model, model.id == MergedTerm.into_id)
        parts.append(select(model.id, model.slug).where(among(model.id, "term", size)))
        parts.append(became.where(among(MergedTerm.id, "term", size)))
    return union_all(*parts)


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
        select(Publication.entry_id, Publication.id, closing.is_open(), Thread.approved)
        .outerjoin(Thread, Thread.post_id == Publication.entry_id)
        .where(
            Publication.kind == Kind.POST,
            Publication.locale == LOCALE,
            Publication.slug == SLUG,
            is_public(),
        )
    )
