"""What editors can list by: closed lists of parameters."""

from marshmallow import fields, validate

from cms.api.fields import Day, Id, Time
from cms.api.paging import PagingSchema, sorted_by
from cms.models import Status

WORDS = validate.Length(1, 200)


class EntryFiltersSchema(PagingSchema):
    status = fields.List(fields.String(validate=validate.OneOf(list(Status))))
    tag = fields.List(fields.String())
    created_by = Id()
    locale = fields.String()
    q = fields.String(validate=WORDS, metadata={"description": "Every word is in title or slug"})
    updated_after = Time()


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
