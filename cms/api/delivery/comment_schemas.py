"""Comments as readers send and see them. A private field of a comment has no place in this file."""

from typing import Any

from marshmallow import Schema, fields, pre_load

from cms.api.cleaned import Cleaned
from cms.api.fields import Id, Time
from cms.services.comment_form import HONEYPOT, LONGEST
from cms.services.contact import clean_email, clean_name, clean_url, clean_words, is_blank


class NewCommentSchema(Schema):
    """What a reader may say. Who they are and what becomes of it is not theirs to set."""

    author_name = Cleaned(clean_name, LONGEST["author_name"], required=True)
    author_email = Cleaned(clean_email, LONGEST["author_email"], required=True)
    author_url = Cleaned(clean_url, LONGEST["author_url"], allow_none=True, load_default=None)
    body = Cleaned(clean_words, LONGEST["body"], required=True)
    parent_id = Id(allow_none=True, load_default=None)
    form_token = fields.String(allow_none=True, load_default=None)
    receipt = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "Of an earlier comment: what makes its writer known"},
    )
    honeypot = fields.String(
        data_key=HONEYPOT,
        allow_none=True,
        load_default=None,
        metadata={"description": "People do not see this field and leave it empty"},
    )

    @pre_load
    def take_an_empty_website_as_none(self, data: Any, **_: Any) -> Any:
        # What a form sends for a field that nobody filled in.
        url = data.get("author_url") if isinstance(data, dict) else None
        return data | {"author_url": None} if isinstance(url, str) and is_blank(url) else data


class Ready(fields.Nested):
    """What delivery has made ready to be sent."""

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        return value


class ReceiptSchema(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True, metadata={"enum": ["pending", "approved"]})
    receipt = fields.String(required=True, metadata={"description": "The writer's secret"})
    help = fields.String(
        metadata={"description": "Where its wording is urgent: what to tell the writer; imperfect"}
    )
    comment = Ready(
        lambda: PublicCommentSchema(),
        allow_none=True,
        metadata={"description": "As the public sees it, where it was approved at once"},
    )


class EditSchema(Schema):
    body = Cleaned(clean_words, LONGEST["body"], required=True)


class OwnTextSchema(Schema):
    source = fields.String(required=True)
    html = fields.String(required=True)
    text = fields.String(required=True)


class OwnEditSchema(Schema):
    body = fields.Nested(OwnTextSchema, required=True)
    created_at = Time(required=True)


class OwnCommentSchema(Schema):
    """A comment as its writer sees it. What is public stays until `edit` is approved."""

    id = fields.UUID(required=True)
    status = fields.String(required=True, metadata={"enum": ["pending", "approved", "rejected"]})
    body = fields.Nested(OwnTextSchema, required=True)
    edit = fields.Nested(OwnEditSchema, required=True, allow_none=True)
    is_editable = fields.Boolean(required=True)
    editable_until = Time(
        required=True, allow_none=True, metadata={"description": "Null while it waits"}
    )
    created_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)


class FormFieldSchema(Schema):
    name = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, metadata={"enum": ["text", "email", "url", "textarea"]})
    required = fields.Boolean(required=True)
    max_length = fields.Integer(required=True)


class CommentFormSchema(Schema):
    open = fields.Boolean(required=True)
    title = fields.String(required=True)
    notice = fields.String(required=True)
    consent = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What its writer agrees to; kept with the comment"},
    )
    inputs = fields.List(
        fields.Nested(FormFieldSchema), required=True, attribute="fields", data_key="fields"
    )
    honeypot = fields.String(
        required=True, metadata={"description": "Name of a field to hide from people"}
    )
    form_token = fields.String(required=True)


class CommentAuthorSchema(Schema):
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null of a comment that is removed"},
    )
    url = fields.Url(required=True, allow_none=True)
    is_staff = fields.Boolean(required=True)
    avatar_seed = fields.String(
        required=True, metadata={"description": "The same for each comment of one writer"}
    )


class CommentTextSchema(Schema):
    html = fields.String(required=True)
    text = fields.String(required=True)


class CommentLinksSchema(Schema):
    replies = fields.Url(
        required=True, allow_none=True, metadata={"description": "Replies that are not inline"}
    )


class CommentCountsAnswerSchema(Schema):
    data = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "By slug; a post that is not public is not among them"},
    )


class PublicCommentSchema(Schema):
    id = fields.UUID(required=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    author = fields.Nested(CommentAuthorSchema, required=True)
    body = fields.Nested(CommentTextSchema, required=True)
    created_at = fields.AwareDateTime(required=True)
    edited_at = fields.AwareDateTime(required=True, allow_none=True)
    removed = fields.Boolean(
        required=True, metadata={"description": "Only its place is left, for the replies below it"}
    )
    withdrawn = fields.Boolean(required=True, metadata={"description": "By its writer"})
    reply_count = fields.Integer(required=True, metadata={"description": "Direct replies"})
    replies = fields.List(fields.Nested(lambda: PublicCommentSchema()), required=True)
    links = fields.Nested(CommentLinksSchema, required=True)
