"""What editors send and see of reviews, sources, and the public history of a post."""

from typing import Any

from marshmallow import Schema, fields, validate

from cms.api.fields import Day, Id, Text, Time, Url, WholeNumber, WholePattern
from cms.models import Review
from cms.services import clock

MOST_SOURCES = validate.Length(max=200)
DOI = WholePattern(r"10\.[0-9]{4,9}/[!-~]{1,190}", "This is no DOI like 10.1000/182.")
PMID = WholePattern(r"[1-9][0-9]{0,7}", "This is no PMID: one to eight digits.")


class DayText(Day):
    """A plain date that is kept as text, in JSON."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return value

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, *args, **kwargs).isoformat()


class SourceInputSchema(Schema):
    """A source of a text, cited in it as `[^s1]`, `[^s2]`, …"""

    title = Text(500, shortest=1, required=True)
    url = Url(allow_none=True, load_default=None)
    doi = fields.String(allow_none=True, load_default=None, validate=DOI)
    pmid = fields.String(allow_none=True, load_default=None, validate=PMID)
    publisher = Text(300, shortest=1, allow_none=True, load_default=None)
    year = WholeNumber(1500, 2999, allow_none=True, load_default=None)
    accessed_on = DayText(allow_none=True, load_default=None)


class KeptSourceSchema(Schema):
    """A source as it was kept: what was not given is null."""

    title = fields.String(required=True)
    url = fields.String(allow_none=True, required=True)
    doi = fields.String(allow_none=True, required=True)
    pmid = fields.String(allow_none=True, required=True)
    publisher = fields.String(allow_none=True, required=True)
    year = fields.Integer(allow_none=True, required=True)
    accessed_on = DayText(allow_none=True, required=True)


class NewReviewSchema(Schema):
    """`reviewed_by` is an author profile that has credentials; the days are those of UTC."""

    reviewed_by = Id(required=True)
    reviewed_on = Day(required=True)
    due_on = Day(allow_none=True, load_default=None)
    note = Text(2000, shortest=1, allow_none=True, load_default=None)


class ReviewerSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    credentials = fields.String(required=True, allow_none=True)


class PostReviewSchema(Schema):
    """A review, and how it stands to the working copy."""

    reviewed_by = fields.Nested(ReviewerSchema, attribute="reviewer", required=True)
    reviewed_on = Day(required=True)
    due_on = Day(allow_none=True, required=True)
    note = fields.String(allow_none=True, required=True)
    revision = fields.Integer(required=True)
    is_of_present_text = fields.Boolean(required=True)
    is_overdue = fields.Method("overdue_now", metadata={"type": "boolean"}, required=True)

    def overdue_now(self, review: Review) -> bool:
        return review.is_overdue_on(clock.reading_now().date())


class RecordedReviewSchema(PostReviewSchema):
    """One of all reviews of a post."""

    id = fields.UUID(required=True)
    created_at = Time(required=True)
    created_by = fields.UUID(allow_none=True, required=True)


class RedactionQuerySchema(Schema):
    reason = Text(
        500, shortest=1, required=True, metadata={"description": "What readers are told instead"}
    )


class PastTextSchema(Schema):
    """One text that the public saw. `reason` says why readers no longer see it in the history."""

    id = fields.UUID(required=True)
    published_at = Time(required=True)
    revision = fields.Integer(required=True)
    correction_note = fields.String(allow_none=True, required=True)
    is_live = fields.Boolean(required=True)
    redacted = fields.Boolean(required=True)
    reason = fields.String(allow_none=True, required=True)
    redacted_at = Time(allow_none=True, required=True)
    redacted_by = fields.UUID(allow_none=True, required=True)
