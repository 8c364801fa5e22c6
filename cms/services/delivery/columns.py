"""What public answers show of a row, as columns that the database puts together.

What a row names by ids is called what it is called now, and is there only while it is public.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, literal, select
from sqlalchemy.orm import aliased

from cms.models import (
    Author,
    Generation,
    Kind,
    LinkKind,
    Media,
    Publication,
    PublicationLink,
    Review,
    Tag,
    Thread,
)
from cms.services import closing, media_addresses
from cms.services.published import is_public
from cms.services.sql import (
    if_multilingual,
    json_list,
    json_object,
    json_text,
    listed,
    stored_bytes,
)


def _links(kind: LinkKind, model: Any, key: Any) -> Select[Any]:
    """What a row names by ids of one kind, in order; `key` is the column that the ids are of."""
    link = aliased(PublicationLink)
    rows = select().select_from(link).join(model, key == link.target_id)
    mine = rows.where(link.publication_id == Publication.id, link.kind == kind)
    return mine.order_by(link.position).correlate(Publication)


def translations_of(row: Any) -> ColumnElement[Any]:
    """What is public in other locales of what a row says: `locale` and `slug` of each.

    Nothing on a site of one locale, whatever it once published in others.
    """
    other = aliased(Publication)
    rows = (
        select()
        .select_from(other)
        .where(
            other.translation_group == row.translation_group,
            other.locale != row.locale,
            is_public(other),
        )
    )
    found = listed(rows.order_by(other.locale).correlate(row), other, "locale", "slug")
    # Most sites speak one language, and need not look.
    return if_multilingual(found, literal("[]"))


def _reviewer() -> tuple[Any, Any]:
    who = ("slug", "name", "credentials")
    person = json_object(*(part for one in who for part in (literal(one), getattr(Author, one))))
    return literal("reviewed_by"), person


def _review_fields(*reviewer: Any) -> Any:
    return json_object(
        *reviewer,
        literal("reviewed_on"),
        Review.reviewed_on,
        literal("due_on"),
        Review.due_on,
        literal("is_of_this_text"),
        Review.revision == Publication.revision,
    )


def latest_review(*reviewer: Any) -> ScalarSelect[Any]:
    """A column of a query of publications: JSON, or NULL where there was no review.

    `reviewer` is a name and a value, by default what the reviewer is called now.
    `is_of_this_text` is 0 or 1 on SQLite.
    """
    return (
        select(json_text(_review_fields(*(reviewer or _reviewer()))))
        .join(Author, Author.id == Review.reviewed_by)
        .where(Review.entry_id == Publication.entry_id, Review.revision <= Publication.revision)
        .order_by(Review.revision.desc(), Review.created_at.desc(), Review.id.desc())
        .limit(1)
        .correlate(Publication)
        .scalar_subquery()
    )


# Names are what they are now.
TAGS = listed(_links(LinkKind.TAG, Tag, Tag.id), Tag, "slug", "name")
TRANSLATIONS = translations_of(Publication)
HERO = media_addresses.named(_links(LinkKind.HERO, Media, Media.id))
# What decides whether a card that was made is still true: the post, the last public change, the
# row, and what may differ without a change that names the post.
CARD_STATE = (
    Publication.entry_id,
    select(Generation.value).scalar_subquery(),
    Publication.id,
    TRANSLATIONS,
)
# What a card is made of besides, in a query that has the threads; `delivery.naming` knows what is
# named.
CARD_PARTS = (
    Publication.slug,
    Publication.locale,
    Publication.summary,
    Publication.names,
    latest_review(),
    Thread.approved,
    closing.is_open(),
)
BODY = (stored_bytes(Publication.body), stored_bytes(Publication.body_markdown))
FAQ = (Publication.summary, TAGS, Publication.body, TRANSLATIONS)


def _ids(kind: LinkKind) -> ColumnElement[Any]:
    """What a row names by ids of one kind, in order, as a JSON list of the ids."""
    link = aliased(PublicationLink)
    rows = select(link.target_id).where(link.publication_id == Publication.id, link.kind == kind)
    named = rows.order_by(link.position).correlate(Publication).subquery()
    return select(json_list(named.c.target_id)).scalar_subquery()


def _public_faq_ids() -> ColumnElement[Any]:
    faq = aliased(Publication)
    rows = _links(LinkKind.FAQ, faq, faq.entry_id).where(is_public(faq))
    named = rows.add_columns(faq.entry_id.label("value")).subquery()
    return select(json_list(named.c.value)).scalar_subquery()


def _category_id() -> ColumnElement[Any]:
    link = aliased(PublicationLink)
    mine = (link.publication_id == Publication.id, link.kind == LinkKind.CATEGORY)
    return select(link.target_id).where(*mine).correlate(Publication).limit(1).scalar_subquery()


# What `/sync` tells of a row: what it names is named by id, and told by itself.
SYNC = {
    Kind.POST: (
        Publication.summary,
        Publication.details,
        stored_bytes(Publication.body),
        _category_id(),
        _ids(LinkKind.TAG),
        _ids(LinkKind.AUTHOR),
        _public_faq_ids(),
        HERO,
        Thread.approved,
        closing.is_open(),
        TRANSLATIONS,
        latest_review(literal("reviewed_by_id"), Review.reviewed_by),
    ),
    Kind.FAQ: (Publication.summary, Publication.body, _ids(LinkKind.TAG), TRANSLATIONS),
}
# What a list can show of its rows, by name.
COLUMNS = {
    "brief": CARD_STATE,
    "full": CARD_STATE + BODY,
    "faq": FAQ,
    "summary": (Publication.summary,),
}
COLUMNS |= {f"sync_{kind}": shown for kind, shown in SYNC.items()}
# Those that say how its thread stands.
OF_THREADS = {f"sync_{Kind.POST}"}
