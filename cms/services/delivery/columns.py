"""What public answers show of a row, as columns that the database puts together.

What a row names by ids is called what it is called now, and is there only while it is public.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, literal, select
from sqlalchemy.orm import aliased

from cms.models import (
    Author,
    Category,
    LinkKind,
    Media,
    Publication,
    PublicationLink,
    Review,
    Tag,
    Thread,
)
from cms.services import media_addresses
from cms.services.published import is_public
from cms.services.sql import joined, json_object, json_text, listed, only, stored_bytes


def _links(kind: LinkKind, model: Any, key: Any) -> Select[Any]:
    """What a row names by ids of one kind, in order; `key` is the column that the ids are of."""
    link = aliased(PublicationLink)
    rows = select().select_from(link).join(model, key == link.target_id)
    mine = rows.where(link.publication_id == Publication.id, link.kind == kind)
    return mine.order_by(link.position).correlate(Publication)


def public_faqs() -> ColumnElement[Any]:
    """The FAQs of a row that are public at this moment, as posts show them."""
    faq = aliased(Publication)
    rows = _links(LinkKind.FAQ, faq, faq.entry_id)
    return joined(rows.where(is_public(faq)), faq.details)


def translations_of(row: Any) -> ColumnElement[Any]:
    """What is public in other locales of what a row says: `locale` and `slug` of each."""
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
    return listed(rows.order_by(other.locale).correlate(row), other, "locale", "slug")


def _review_fields() -> Any:
    who = ("slug", "name", "credentials")
    person = json_object(*(part for one in who for part in (literal(one), getattr(Author, one))))
    return json_object(
        literal("reviewed_by"),
        person,
        literal("reviewed_on"),
        Review.reviewed_on,
        literal("due_on"),
        Review.due_on,
        literal("is_of_this_text"),
        Review.revision == Publication.revision,
    )


def latest_review() -> ScalarSelect[Any]:
    """A column of a query of publications: JSON, or NULL where there was no review.

    What the reviewer is called is what it is now. `is_of_this_text` is 0 or 1 on SQLite.
    """
    return (
        select(json_text(_review_fields()))
        .join(Author, Author.id == Review.reviewed_by)
        .where(Review.entry_id == Publication.entry_id, Review.revision <= Publication.revision)
        .order_by(Review.revision.desc(), Review.created_at.desc(), Review.id.desc())
        .limit(1)
        .correlate(Publication)
        .scalar_subquery()
    )


# What a list shows of a post, and what the single post adds. Names are what they are now.
TAGS = listed(_links(LinkKind.TAG, Tag, Tag.id), Tag, "slug", "name")
CATEGORY = only(_links(LinkKind.CATEGORY, Category, Category.id), Category, "slug", "name")
AUTHORS = listed(_links(LinkKind.AUTHOR, Author, Author.id), Author, "slug", "name", "credentials")
TRANSLATIONS = translations_of(Publication)
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
