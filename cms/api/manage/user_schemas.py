"""Users as admins see them. A password comes in and never goes out."""

from typing import Any

from marshmallow import Schema, fields, validate

from cms.api.fields import Flag, QueryFlag, Text, Time
from cms.api.paging import PagingSchema, sorted_by
from cms.models import CommentMail, Role
from cms.services.storable import LONGEST_NAME


class Password(fields.String):
    """Taken as it is typed, spaces and all; `cms.services.passwords` says what is acceptable."""

    def __init__(self, **kwargs: Any) -> None:
        # Wide enough for what becomes shorter when it is normalised.
        super().__init__(load_only=True, validate=validate.Length(1, 1024), **kwargs)


WANTS_COMMENTS = "How soon to be told by mail of comments that wait; for who moderates"
WANTS_REVIEWS = "Whether to be told by mail of reviews that are due; for who publishes"


class MailWishesSchema(Schema):
    comment_mail = fields.Enum(CommentMail, by_value=True, metadata={"description": WANTS_COMMENTS})
    review_mail = Flag(metadata={"description": WANTS_REVIEWS})


class UserSchema(Schema):
    id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    suspended = fields.Boolean(required=True)
    comment_mail = fields.Function(
        lambda user: user.comment_mail or CommentMail.NEVER,
        metadata={"type": "string", "enum": list(CommentMail), "description": WANTS_COMMENTS},
        required=True,
    )
    review_mail = fields.Function(
        lambda user: bool(user.review_mail),
        metadata={"type": "boolean", "description": WANTS_REVIEWS},
        required=True,
    )
    version = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)


class NewUserSchema(Schema):
    email = Text(254, shortest=1, required=True)
    name = Text(LONGEST_NAME, shortest=1, required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    password = Password(required=True)


class UserChangesSchema(MailWishesSchema):
    email = Text(254, shortest=1)
    name = Text(LONGEST_NAME, shortest=1)
    role = fields.Enum(Role, by_value=True)
    suspended = Flag()
    password = Password()


class UserListQuerySchema(PagingSchema):
    role = fields.Enum(Role, by_value=True)
    suspended = QueryFlag()
    q = fields.String(
        validate=validate.Length(1, 100),
        metadata={"description": "A part of the email or the name"},
    )
    sort = sorted_by("email", "created_at", "updated_at", default="email")
