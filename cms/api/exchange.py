"""What every request and every answer has in common."""

import re
from typing import Any

import uuid_utils
from flask import Flask, Response, current_app, g, request

from cms.api.strict import parse_query
from marshmallow import Schema

ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_PARAMETERS = Schema()


def init_app(app: Flask) -> None:
    app.before_request(name_request)
    app.before_request(refuse_unknown_parameters)
    app.after_request(finish)


def name_request() -> None:
    """Give the request an id, or keep the one that a proxy gave it."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if ACCEPTED_ID.fullmatch(given) else str(uuid_utils.uuid7())


def refuse_unknown_parameters() -> None:
    """A view that reads no query string refuses every parameter. Raises Malformed."""
    if request.query_string and request.endpoint and not _takes_query():
        parse_query(NO_PARAMETERS, request.query_string)


def _takes_query() -> bool:
    view: Any = current_app.view_functions[request.endpoint]
    method = "get" if request.method == "HEAD" else request.method.lower()
    handler = getattr(getattr(view, "view_class", None), method, view)
    return request.endpoint.startswith("swagger") or getattr(handler, "takes_query", False)


def finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    return response
