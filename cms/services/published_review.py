"""The review that stands beside a public text: the latest of that text or of one before it."""

from typing import Any

from sqlalchemy import ScalarSelect, literal, select

from cms.models import Author, Publication, Review
from cms.services.sql import json_object, json_text


def _fields() -> Any:
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
        select(json_text(_fields()))
        .join(Author, Author.id == Review.reviewed_by)
        .where(Review.entry_id == Publication.entry_id, Review.revision <= Publication.revision)
        .order_by(Review.revision.desc(), Review.created_at.desc(), Review.id.desc())
        .limit(1)
        .correlate(Publication)
        .scalar_subquery()
    )
