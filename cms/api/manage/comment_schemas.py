"""Comments as moderators see them, and what they may change."""

from ipaddress import ip_network

from marshmallow import Schema, ValidationError, fields, validate

from cms.api.cleaned import Cleaned
from cms.api.envelope import CountedMetaSchema
from cms.api.fields import Name, QueryFlag, Text, Time, WholeNumber
from cms.api.manage.queries import WORDS
from cms.api.paging import PagingSchema, sorted_by
from cms.models import CommentStatus
from cms.services.bulk_moderation import MOST
from cms.services.comment_form import LONGEST
from cms.services.contact import clean_words


def _is_network(text: str) -> None:
    try:
        ip_network(text)
    except ValueError:
        raise ValidationError("Write a network like 192.0.2.0/24.") from None


class CommentFiltersSchema(PagingSchema):
    status = fields.List(fields.String(validate=validate.OneOf(list(CommentStatus))))
    post = fields.String(validate=WORDS, metadata={"description": "Id or slug"})
    email = fields.String(
        validate=validate.Length(1, 254),
        metadata={"description": "The whole address; only for who may read it"},
    )
    network = fields.String(
        validate=_is_network,
        metadata={"description": "As the queue shows it; only for who may read it"},
    )
    q = fields.String(validate=WORDS, metadata={"description": "Every word is in name or comment"})
    flag = fields.List(
        fields.String(validate=validate.OneOf(["crisis", "adverse_event"])),
        metadata={
            "description": "With `status=pending`: all that waits, an edit of what is approved too"
        },
    )
    has_edit = QueryFlag(metadata={"description": "Whether an edit by its writer waits"})
    sort = sorted_by("urgency", "created_at", default="urgency")


class ModerationSchema(Schema):
    status = fields.Enum(CommentStatus, by_value=True)
    use = fields.String(
        validate=validate.OneOf(["redacted"]),
        metadata={"description": "Put the redacted version in the place of the text"},
    )
    note = Text(500, allow_none=True)
    edit = fields.String(
        validate=validate.OneOf(["accept", "refuse"]),
        metadata={"description": "What becomes of the edit that its writer asks for"},
    )


class BulkSchema(Schema):
    ids = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        required=True,
        validate=validate.Length(1, MOST),
    )
    status = fields.Enum(CommentStatus, by_value=True, required=True)
    versions = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)),
        values=WholeNumber(1),
        validate=validate.Length(max=MOST),
        metadata={
            "description": "By id, the version that was seen. One that has changed since stays as"
            " it is (`stale_version`)"
        },
    )


class OutcomeSchema(Schema):
    """What became of one id. `reason` is null where the comment has the status that was asked."""

    id = fields.String(required=True)
    status = fields.Enum(CommentStatus, by_value=True, required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)


class StaffReplySchema(Schema):
    body = Cleaned(clean_words, LONGEST["body"], required=True)


class FaqFromCommentSchema(Schema):
    title = Name(300, shortest=1, data_key="question")


StatusCountsSchema = Schema.from_dict(
    {name: fields.Integer(required=True) for name in map(str, CommentStatus)},
    name="StatusCountsSchema",
)


class QueueMetaSchema(CountedMetaSchema):
    counts = fields.Nested(
        StatusCountsSchema,
        required=True,
        metadata={"description": "By status, of the post that is asked for or of all"},
    )


class MoveSchema(Schema):
    """A moderator's last move; `by` is null for the command line."""

    from_ = fields.Enum(
        CommentStatus, by_value=True, required=True, data_key="from", attribute="from"
    )
    by = fields.UUID(required=True, allow_none=True)
    at = Time(required=True)


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
    outcome = fields.String(required=True, metadata={"enum": ["passed", "held", "spam", "refused"]})
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
    flag = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "enum": ["crisis", "adverse_event", None],
            "description": "Its wording is urgent",
        },
    )
    redacted = fields.Nested(
        CommentBodySchema,
        required=True,
        allow_none=True,
        metadata={"description": "Without the personal data that was noticed; approve it by `use`"},
    )
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
    moved = fields.Nested(
        MoveSchema, required=True, allow_none=True, metadata={"description": "What can be undone"}
    )
    faq_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The FAQ that was made from it"}
    )
    version = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)
