"""Comments as moderators see them, and what they may change."""

from marshmallow import Schema, fields, validate

from cms.api.fields import QueryFlag, Text, Time
from cms.api.manage.queries import WORDS
from cms.api.paging import PagingSchema, sorted_by
from cms.models import CommentStatus


class CommentFiltersSchema(PagingSchema):
    status = fields.List(fields.String(validate=validate.OneOf(list(CommentStatus))))
    post = fields.String(validate=WORDS, metadata={"description": "Id or slug"})
    email = fields.String(
        validate=validate.Length(1, 254),
        metadata={"description": "The whole address; only for who may read it"},
    )
    q = fields.String(validate=WORDS, metadata={"description": "Every word is in name or comment"})
    has_edit = QueryFlag(metadata={"description": "Whether an edit by its writer waits"})
    sort = sorted_by("created_at", default="created_at")


class ModerationSchema(Schema):
    status = fields.Enum(CommentStatus, by_value=True)
    note = Text(500, allow_none=True)
    edit = fields.String(
        validate=validate.OneOf(["accept", "refuse"]),
        metadata={"description": "What becomes of the edit that its writer asks for"},
    )


class WriterSchema(Schema):
    """`email` and `network` are absent for who may not read them."""

    name = fields.String(required=True)
    email = fields.String()
    url = fields.String(required=True, allow_none=True)
    network = fields.String(allow_none=True)
    is_staff = fields.Boolean(required=True)


class CommentedPostSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    title = fields.String(required=True)


class CommentBodySchema(Schema):
    source = fields.String(required=True)
    html = fields.String(required=True)
    text = fields.String(required=True)


class VerdictSchema(Schema):
    check = fields.String(required=True)
    outcome = fields.String(required=True, metadata={"enum": ["passed", "held", "spam"]})
    detail = fields.String(required=True)


class CommentEditSchema(Schema):
    """What its writer asks to put in the place of approved text, which stays until then."""

    body = fields.Nested(CommentBodySchema, required=True)
    verdicts = fields.List(fields.Nested(VerdictSchema), required=True)
    created_at = Time(required=True)


class CommentSchema(Schema):
    id = fields.UUID(required=True)
    status = fields.Enum(CommentStatus, by_value=True, required=True)
    author = fields.Nested(WriterSchema, required=True)
    post = fields.Nested(CommentedPostSchema, required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    body = fields.Nested(CommentBodySchema, required=True)
    verdicts = fields.List(fields.Nested(VerdictSchema), required=True)
    note = fields.String(required=True, allow_none=True)
    edit = fields.Nested(CommentEditSchema, required=True, allow_none=True)
    known_by = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The earlier comment whose receipt came with it"},
    )
    withdrawn_at = Time(required=True, allow_none=True)
    consent = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the form said that its writer agrees to"},
    )
    version = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)
