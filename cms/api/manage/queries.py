"""What editors can list by: closed lists of parameters."""

from marshmallow import fields, validate

from cms.api.fields import Id, QueryFlag, Time
from cms.api.paging import PagingSchema, sorted_by
from cms.files import KINDS
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
