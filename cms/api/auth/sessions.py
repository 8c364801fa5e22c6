"""Sign in with a password, and what a signed-in person can do about it."""

from typing import Any

from flask import Response, current_app, request
from werkzeug.http import dump_cookie

from cms.actor import Actor
from cms.api.address import client_address
from cms.api.auth import blp
from cms.api.auth.schemas import LoginSchema, MeSchema, PasswordChangeSchema, SignedInSchema
from cms.api.identity import COOKIE, actor
from cms.api.manage.user_schemas import MailWishesSchema
from cms.api.resources import Resource
from cms.api.throttling import throttle
from cms.database import transaction
from cms.services import contact, emails, limits, mail_wishes, own_passwords, sessions, users


@blp.route("/login")
class Login(Resource):
    @blp.body(LoginSchema)
    @blp.shows(SignedInSchema)
    def post(self, given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """Sign in; the answer sets the session's cookie"""
        _throttle_sign_in(given["email"])
        proof = sessions.prove(**given)
        with transaction():
            who, secret = sessions.sign_in(proof, replaces=request.cookies.get(COOKIE))
        return _signed_in(who), {"Set-Cookie": _cookie(secret)}


@blp.route("/logout")
class Logout(Resource):
    @blp.response(204)
    def post(self) -> Response:
        """Sign out; a token stays until it is revoked"""
        with transaction():
            sessions.sign_out(actor())
        return _signed_out()


@blp.route("/me")
class Me(Resource):
    @blp.shows(MeSchema)
    def get(self) -> dict[str, Any]:
        """Who is signed in"""
        return _signed_in(actor())

    @blp.body(MailWishesSchema)
    @blp.shows(MeSchema)
    def patch(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """Choose what you are told by mail"""
        with transaction():
            mail_wishes.choose(actor(), wishes)
        return _signed_in(actor())


@blp.route("/password")
class Password(Resource):
    @blp.body(PasswordChangeSchema)
    @blp.response(204)
    def post(self, given: dict[str, str]) -> Response:
        """Change your password; it ends all your sessions and tokens, this one too"""
        throttle(limits.of("password.account", actor().get_id()))
        words = given["current_password"], given["new_password"]
        proved = own_passwords.prove(actor(), *words)
        with transaction():
            own_passwords.change(actor(), proved)
        return _signed_out()


def _throttle_sign_in(email: str) -> None:
    address, account = client_address(), emails.folded(email)
    network = contact.network_of(address) or address
    # By itself: it counts also what a full account refuses.
    throttle(limits.of("sign_in.address", limits.subject_of_address(address)))
    throttle(
        limits.of("sign_in.account", f"{account} {network}"),
        limits.of("sign_in.account_everywhere", account),
    )


def _signed_in(who: Actor) -> dict[str, Any]:
    scopes = None if who.scopes is None else sorted(who.scopes)
    return {"user": users.me(who), "csrf_token": who.csrf_token, "scopes": scopes}


def _signed_out() -> Response:
    return Response(status=204, headers={"Set-Cookie": _cookie("", seconds=0)})


def _cookie(secret: str, *, seconds: int = int(sessions.LIFE.total_seconds())) -> str:
    config = current_app.config["CMS"]
    over_tls = config.secure_cookies or config.api_url.startswith("https://")
    return dump_cookie(
        COOKIE, secret, max_age=seconds, httponly=True, samesite="Lax", secure=over_tls
    )
