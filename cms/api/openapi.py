"""The API describes itself: OpenAPI 3.1 at `/api/v1/openapi.json`, a reference at `/api/docs`."""

import re
from typing import Any

import orjson
from flask import Flask, Response, current_app
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint

from cms.api import converters
from cms.api.conditional import public_answer
from cms.api.problems import PROBLEM_JSON, ProblemSchema

DOCUMENT_URL = "/api/v1/openapi.json"
REFERENCE_URL = "/api/docs"
PROBLEM = {"$ref": "#/components/schemas/Problem"}
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API token `cms_…`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "cms_session"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
}
SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}, {"session": [], "csrf": []}]
SIGNED_IN_TO_READ: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}]
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The object's ETag, or `*`",
    "schema": {"type": "string"},
    "example": '"3"',
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key and body within a day get the first answer again",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
KEYED = {("/api/v1/posts/{slug}/comments", "post")}
PUBLIC_SIGN_IN = ("/api/v1/auth/login",)
CHANGES = {"patch", "put", "delete"}


class DescribedApi(Api):
    """flask-smorest's Api, leaving errors to `cms.api.problems`."""

    def _register_error_handlers(self) -> None:
        """Problems are made in one place, which is not here."""

    def _register_responses(self) -> None:
        """Refusals are described for each operation in `describe`."""


def init_app(app: Flask) -> DescribedApi:
    app.config.update(
        API_TITLE="Headless CMS",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
    )
    for name, converter in converters.CONVERTERS.items():
        app.url_map.converters[name] = converter
    described = DescribedApi(app)
    for converter, schema in converters.DESCRIPTIONS.items():
        described.register_converter(converter, lambda _one, schema=schema: dict(schema))
    for name, scheme in SECURITY_SCHEMES.items():
        described.spec.components.security_scheme(name, scheme)
    described.spec.components.schema("Problem", schema=ProblemSchema)
    app.add_url_rule(DOCUMENT_URL, "openapi", document)
    app.register_blueprint(get_swaggerui_blueprint(REFERENCE_URL, DOCUMENT_URL))
    app.extensions["cms_api"] = described
    return described


def document() -> Response:
    return public_answer(orjson.dumps(description()))


def description() -> dict[str, Any]:
    """The whole OpenAPI document as JSON values, built once for each application."""
    known = current_app.extensions.get("cms_openapi")
    if known is None:
        known = describe(current_app.extensions["cms_api"].spec.to_dict())
        current_app.extensions["cms_openapi"] = known
    return known


def describe(spec: dict[str, Any]) -> dict[str, Any]:
    """Add what all operations share: who may call them, and how each may be refused."""
    spec["servers"] = [{"url": current_app.config["CMS"].api_url}]
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                _describe(path, method, operation, item.get("parameters", []))
    return spec


def _describe(path: str, method: str, operation: dict[str, Any], shared: list[Any]) -> None:
    guarded = _is_guarded(path)
    operation["operationId"] = _operation_id(path, method)
    if guarded:
        operation["security"] = SIGNED_IN_TO_READ if method == "get" else SIGNED_IN
    if needs_if_match(path, method):
        operation.setdefault("parameters", []).append(IF_MATCH)
    if (path, method) in KEYED:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    # flask-smorest names responses here that are not in the document: see `_register_responses`.
    described = operation["responses"].items()
    operation["responses"] = {code: one for code, one in described if "$ref" not in one}
    for status in _refusals(path, method, operation, shared, guarded=guarded):
        operation["responses"].setdefault(
            str(status),
            {"description": REFUSALS[status], "content": {PROBLEM_JSON: {"schema": PROBLEM}}},
        )


REFUSALS = {
    301: "Moved to the present slug",
    304: "Not changed since the ETag that you have",
    308: "Moved to the present slug",
    400: "Malformed request; `errors` names the fault",
    401: "Not signed in, or a bad credential",
    403: "Signed in, but not allowed",
    404: "Nothing here that you may know of",
    409: "In conflict with the present state",
    412: "Somebody changed it since",
    413: "The body is too large",
    415: "Send application/json",
    422: "A field can not be accepted; `errors` names it",
    428: "Send If-Match",
    429: "Too many; see Retry-After",
    500: "Our mistake",
    503: "The database is away; see Retry-After",
}


def _refusals(
    path: str, method: str, operation: dict[str, Any], shared: list[Any], *, guarded: bool
) -> list[int]:
    named = "{" in path
    delivered = method == "get" and not guarded
    rows = [
        (True, [400, 401, 503]),
        (guarded, [403]),
        (named or shared, [404]),
        (delivered, [304]),
        (delivered and "{slug}" in path, [301]),
        (not guarded and method != "get" and "{slug}" in path, [308]),
        ("requestBody" in operation, [409, 413, 415, 422]),
        (method == "delete", [409]),
        (needs_if_match(path, method), [412, 428]),
        (path in THROTTLED, [429]),
    ]
    return sorted({status for holds, statuses in rows if holds for status in statuses})


THROTTLED = {
    "/api/v1/auth/login",
    "/api/v1/auth/password",
    "/api/v1/posts/{slug}/comments",
}


def _is_guarded(path: str) -> bool:
    return path.startswith(("/api/v1/manage", "/api/v1/auth")) and path not in PUBLIC_SIGN_IN


def needs_if_match(path: str, method: str) -> bool:
    return path.startswith("/api/v1/manage") and method in CHANGES


def _operation_id(path: str, method: str) -> str:
    words = re.sub(r"[{}]", "", path.removeprefix("/api/v1")).replace("-", "_").split("/")
    return "_".join([method, *(word for word in words if word)]).replace(".", "_")
