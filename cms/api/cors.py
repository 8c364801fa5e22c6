"""Which pages of other origins may read which answers: one row for each audience.

Own code because the public half runs on every read, and needs two headers and no decisions.
"""

from flask import Flask, Response, request

from cms.api.identity import trusted_origins

EXPOSED = "ETag, Link, Location, Retry-After, X-Request-Id"
PUBLIC_METHODS = "GET, HEAD, OPTIONS, POST, PATCH, DELETE"
PUBLIC_HEADERS = "Content-Type, Authorization, Idempotency-Key"
EDITOR_METHODS = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
EDITOR_HEADERS = "Content-Type, Authorization, If-Match, X-CSRF-Token"
# Everything else under /api is public.
EDITORS_ONLY = ("/api/v1/manage", "/api/v1/auth")


def init_app(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    if request.path.startswith(EDITORS_ONLY):
        return _for_editors(response)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        _answer_preflight(response, PUBLIC_METHODS, PUBLIC_HEADERS)
    return response


def _for_editors(response: Response) -> Response:
    origin = request.headers.get("Origin")
    response.vary.add("Origin")
    if origin is not None and origin in trusted_origins():
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if request.method == "OPTIONS":
            _answer_preflight(response, EDITOR_METHODS, EDITOR_HEADERS)
    return response


def _answer_preflight(response: Response, methods: str, headers: str) -> None:
    response.headers["Access-Control-Allow-Methods"] = methods
    response.headers["Access-Control-Allow-Headers"] = headers
    response.headers["Access-Control-Max-Age"] = "600"
