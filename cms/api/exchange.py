"""What every request and every answer has in common.

The headers are added outside Flask, as a WSGI layer: there a header costs a list append, and an
answer that Flask's own code made gets them too.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import uuid_utils
from flask import Flask, Request, current_app, request
from flask_login import current_user
from marshmallow import Schema

from cms.api import cors
from cms.api.identity import COOKIE
from cms.api.problems import REQUEST_ID, ROUTE
from cms.api.strict import parse_query

ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_PARAMETERS = Schema()
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
NO_STORE = ("Cache-Control", "private, no-store")
# The same for whoever has their address, which nobody can guess; editors see many at once.
FILES = "/media/"

Headers = list[tuple[str, str]]


def init_app(app: Flask) -> None:
    app.before_request(refuse_early)
    app.wsgi_app = with_headers(app.wsgi_app, cors.policy(app.config["CMS"]))


def with_headers(inner: Callable[..., Any], add_cors: Callable[[Any, Headers], None]) -> Any:
    """A WSGI application that names each request, and completes the headers of each answer."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[REQUEST_ID] = name = name_of(environ)

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            headers += (("X-Request-Id", name), NO_SNIFFING)
            if brings_credentials(environ):
                headers[:] = [one for one in headers if one[0] != NO_STORE[0]]
            if NO_STORE[0] not in dict(headers):
                headers.append(NO_STORE)
            add_cors(environ, headers)
            return start_response(status, headers, *rest)

        return inner(environ, start)

    return application


def name_of(environ: dict[str, Any]) -> str:
    """The name of a request: what its sender calls it, or a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if given and ACCEPTED_ID.fullmatch(given) else str(uuid_utils.uuid7())


def brings_credentials(environ: dict[str, Any]) -> bool:
    """Whether an answer is for one person, whatever is in it: no cache may keep it for another."""
    if "HTTP_AUTHORIZATION" in environ or f"{COOKIE}=" in environ.get("HTTP_COOKIE", ""):
        return not environ["PATH_INFO"].startswith(FILES)
    return False


def refuse_early() -> None:
    """Raises Malformed for a parameter that no view reads, Unauthenticated for a bad token."""
    # The proxy costs as much at each use as the rest of this function.
    asked: Request = request._get_current_object()
    environ, rule = asked.environ, asked.url_rule
    if rule is not None:
        environ[ROUTE] = rule.rule
    if environ.get("QUERY_STRING") and not _takes_query(asked):
        parse_query(NO_PARAMETERS, asked.query_string)
    if "HTTP_AUTHORIZATION" in environ:
        # A bad token is never answered as if it had not been sent.
        _ = current_user.is_authenticated


def _takes_query(asked: Request) -> bool:
    endpoint, method = asked.endpoint, asked.method
    if method == "OPTIONS" or not endpoint:
        return True
    known = getattr(current_app.view_functions[endpoint], "querying", ())
    return method in known or endpoint.startswith("swagger")
