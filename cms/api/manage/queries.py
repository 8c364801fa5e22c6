"""What editors can list by: closed lists of parameters."""

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from cms.api.fields import Day, Id, QueryFlag, Time
from cms.api.paging import PagingSchema, sorted_by
from cms.files import KINDS
from cms.models import Status
from cms.times import parse_time

WORDS = validate.Length(1, 200)


class Between(fields.String):
    """Two times and a comma between them."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[datetime, datetime]:
        first, comma, second = str(value).partition(",")
        try:
            start, end = parse_time(first), parse_time(second)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if not comma or end <= start:
            raise ValidationError("Write two times, the earlier first, with a comma between them.")
        return start, end


class EntryFiltersSchema(PagingSchema):
    status = fields.List(fields.String(validate=validate.OneOf(list(Status))))
    tag = fields.List(fields.String())
    created_by = Id()
    locale = fields.String()
    missing_translation = fields.String(
        validate=validate.Length(2, 16),
        metadata={"description": "A locale: what nothing says in it"},
    )
    q = fields.String(
        validate=WORDS,
        metadata={"description": "Each word begins one of the title or of the slug"},
    )
    updated_after = Time()
    has_unpublished_changes = QueryFlag(
        metadata={"description": "What readers see an earlier text of; `false`: the rest"}
    )
    broken_links = QueryFlag(
        metadata={"description": "What has a link that leads no reader anywhere; `false`: the rest"}
    )
    scheduled_between = Between(
        metadata={
            "description": "Two times, the later not included: what begins or ends between them",
            "example": "2026-12-01T00:00:00Z,2027-01-01T00:00:00Z",
        }
    )


class PostFiltersSchema(EntryFiltersSchema):
    author = fields.List(fields.String())
    category = fields.List(fields.String())
    review_due_before = Day(
        metadata={"description": "Posts whose latest review was to be repeated before this day"}
    )
    sort = sorted_by("updated_at", "created_at", "title", default="-updated_at")


class FaqFiltersSchema(EntryFiltersSchema):
    sort = sorted_by("updated_at", "created_at", "question", "position", default="-updated_at")


class TermFiltersSchema(PagingSchema):
    q = fields.String(validate=WORDS)


class MediaFiltersSchema(PagingSchema):
    q = fields.String(
        validate=WORDS, metadata={"description": "Every word is in name, alt text or caption"}
    )
    mime_type = fields.List(
        fields.String(validate=validate.OneOf([one.mime_type for one in KINDS.values()]))
    )
    unused = QueryFlag(metadata={"description": "What nothing uses; `false`: what something does"})
    sort = sorted_by("created_at", default="-created_at")
