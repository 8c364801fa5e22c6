"""Who is asking: a bearer token first, then the session cookie, and never a guess.

A bad `Authorization` is a 401 on every route; it never turns into an anonymous answer. A cookie
that is no session any more is none: browsers send what they have.
"""

from typing import Any

from flask import Flask, Request, current_app, request
from flask_login import current_user

from cms.actor import Actor
from cms.api import cors
from cms.api.problems import USER
from cms.errors import Forbidden, Unauthenticated
from cms.extensions import logins
from cms.permissions import Action, require
from cms.services import sessions, signing, tokens

COOKIE = "cms_session"
SAFE = {"GET", "HEAD", "OPTIONS"}
# Where a request keeps who proved a moment ago to be behind it.
PROVED = "cms.proved"
# Here alone `Authorization: Receipt …` is of use.
RECEIPT_ROUTE = "/comments/<id:comment_id>/receipt"


def init_app(app: Flask) -> None:
    logins.init_app(app)
    logins.request_loader(load)


def load(given: Request) -> Actor | None:
    """The actor behind a request, for Flask-Login. Raises Unauthenticated for a bad token."""
    found = given.environ.get(PROVED) or _load(given)
    if found is not None:
        given.environ[USER] = found.user_id
    return found


def _load(given: Request) -> Actor | None:
    if "Authorization" in given.headers:
        return None if _is_receipt(given) else _by_token(given.headers["Authorization"])
    secret = given.cookies.get(COOKIE)
    return sessions.actor(secret) if secret else None


def _is_receipt(given: Request) -> bool:
    scheme = given.headers["Authorization"].partition(" ")[0]
    rule = given.url_rule.rule if given.url_rule else ""
    return scheme.lower() == "receipt" and rule.endswith(RECEIPT_ROUTE)


def receipt_in(given: Request) -> str:
    """The secret after `Receipt`; empty for another scheme, or none."""
    scheme, _, secret = given.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "receipt" else ""


def prove(app: Flask, environ: dict[str, Any], action: Action | None = None) -> None:
    """Raises Unauthenticated where a request that Flask has not seen yet is nobody's, and Forbidden
    where it is of somebody who may not do this. Who it is of is then known (`load`).
    """
    with app.app_context():
        found = _load(Request(environ, populate_request=False))
        if found is None:
            raise _stranger()
        if action is not None:
            require(found, action)
        environ[PROVED] = found


def forget(environ: dict[str, Any]) -> None:
    """Have it asked again who a request is of: what was true when it began may not be any more."""
    environ.pop(PROVED, None)


def actor() -> Actor:
    """Who is signed in. Raises Unauthenticated."""
    if not current_user.is_authenticated:
        raise _stranger()
    return current_user._get_current_object()


def require_sign_in() -> None:
    """The guard before every management route."""
    if request.method == "OPTIONS":
        return
    check_forgery(actor())


def check_forgery(who: Actor) -> None:
    """Cookies travel by themselves, so a change must also prove that our page sent it."""
    if who.csrf_token is None or request.method in SAFE:
        return
    check_origin()
    given = request.headers.get("X-CSRF-Token", "")
    if not signing.matches(given, who.csrf_token):
        raise Forbidden("Send the X-CSRF-Token of this session.", reason="bad_csrf_token")


def check_origin() -> None:
    """No page of another origin changes what a browser is signed in as, or what it may do."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in cors.trusted_origins(current_app.config["CMS"]):
        raise Forbidden("This origin may not change anything.", reason="bad_origin")


def _stranger() -> Unauthenticated:
    return Unauthenticated("Sign in first.", reason="not_signed_in")


def _by_token(header: str) -> Actor:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Send `Authorization: Bearer TOKEN`.", reason="bad_token")
    found = tokens.actor(secret.strip())
    if found is None:
        raise Unauthenticated("This token is not valid.", reason="bad_token")
    return found
