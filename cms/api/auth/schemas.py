"""What signing in takes and answers. Passwords and digests only ever come in."""

from marshmallow import Schema, ValidationError, fields, validate

from cms.api.fields import UUID, Id, Text, Time
from cms.api.manage.user_schemas import Password, UserSchema
from cms.api.paging import PagingSchema
from cms.models import Scope
from cms.services.storable import LONGEST_NAME
from cms.services.tokens import EVERYONE


class LoginSchema(Schema):
    email = Text(254, shortest=1, required=True)
    password = Password(required=True)


class SignedInSchema(Schema):
    user = fields.Nested(UserSchema, required=True)
    csrf_token = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "To send as `X-CSRF-Token`; null where a token signs in"},
    )


class MeSchema(SignedInSchema):
    scopes = fields.List(
        fields.Enum(Scope, by_value=True),
        required=True,
        allow_none=True,
        metadata={"description": "Of the token; null where only the role counts"},
    )


class PasswordChangeSchema(Schema):
    current_password = Password(required=True)
    new_password = Password(required=True)


class NewTokenSchema(Schema):
    name = Text(LONGEST_NAME, shortest=1, required=True)
    scopes = fields.List(
        fields.Enum(Scope, by_value=True),
        required=True,
        validate=validate.Length(1, len(Scope)),
    )
    expires_at = Time(load_default=None, allow_none=True)
    user_id = Id(metadata={"description": "Whose it is: yours, unless an admin names another"})


class TokenSchema(Schema):
    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    name = fields.String(required=True)
    prefix = fields.String(metadata={"description": "How the secret begins"}, required=True)
    scopes = fields.List(
        fields.String(metadata={"enum": [scope.value for scope in Scope]}), required=True
    )
    idle_scopes = fields.List(
        fields.String(metadata={"enum": [scope.value for scope in Scope]}),
        required=True,
        metadata={
            "description": "Those that the owner's role has no use for: nothing comes of them"
        },
    )
    created_at = Time(required=True)
    expires_at = Time(allow_none=True, required=True)
    last_used_at = Time(
        allow_none=True,
        required=True,
        metadata={"description": "To five minutes; null where it never was"},
    )


class MadeTokenSchema(TokenSchema):
    token = fields.String(
        metadata={"description": "The secret, which is never shown again"}, required=True
    )


def _is_user_or_everyone(value: str) -> None:
    if value != EVERYONE and not UUID.fullmatch(value):
        raise ValidationError(f"Name a user's id, or `{EVERYONE}`.")


class TokenListQuerySchema(PagingSchema):
    user_id = fields.String(
        load_default=None,
        validate=_is_user_or_everyone,
        metadata={"description": "Admins: another user's tokens, or `*` for everyone's"},
    )
