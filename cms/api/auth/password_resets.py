"""A new password by mail, with no sign-in."""

from flask import Response
from marshmallow import Schema, fields

from cms.api.address import client_address
from cms.api.auth import blp
from cms.api.fields import Text
from cms.api.manage.user_schemas import Password
from cms.api.resources import Resource
from cms.api.throttling import throttle
from cms.database import transaction
from cms.services import contact, emails, limits, password_resets


class ResetRequestSchema(Schema):
    email = Text(254, shortest=1, required=True)


class ResetSchema(Schema):
    password = Password(required=True)


class AcceptedSchema(Schema):
    status = fields.String(required=True, metadata={"enum": ["accepted"]})


@blp.route("/password-reset")
class PasswordReset(Resource):
    @blp.body(ResetRequestSchema)
    @blp.shows(AcceptedSchema, 202)
    def post(self, given: dict[str, str]) -> dict[str, str]:
        """Have a link for a new password mailed; the same answer whoever has the address"""
        _throttle(given["email"])
        with transaction():
            password_resets.ask(given["email"])
        return {"status": "accepted"}


@blp.route("/password-reset/<token:token>")
class PasswordResetByToken(Resource):
    @blp.body(ResetSchema)
    @blp.response(204)
    def post(self, given: dict[str, str], token: str) -> Response:
        """Choose a new password, once; it ends all your sessions and tokens"""
        throttle(limits.of("reset.use", limits.subject_of_address(client_address())))
        hashed = password_resets.prepare(token, given["password"])
        with transaction():
            password_resets.use(token, hashed)
        return Response(status=204)


def _throttle(email: str) -> None:
    address, account = client_address(), emails.folded(email)
    network = contact.network_of(address) or address
    # By itself: it counts also what a full account refuses.
    throttle(limits.of("reset.address", limits.subject_of_address(address)))
    throttle(
        limits.of("reset.account", f"{account} {network}"),
        limits.of("reset.account_everywhere", account),
    )
