"""What all operations share in the API's description: who may call them, and how each may fail."""

import re
from typing import Any

from cms.api.problems import PROBLEM_JSON

Described = dict[str, Any]

PROBLEM = {"$ref": "#/components/schemas/Problem"}
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
MAY_MATCH = IF_MATCH | {"required": False, "description": "Refuse unless this is its ETag"}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key and body within a day get the first answer again",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
COMMENTS = "/api/v1/posts/{slug}/comments"
RECEIPT = "/api/v1/comments/{comment_id}/receipt"
# It has parts, named in its query.
SITEMAP = "/api/v1/sitemap.xml"
SIGN_IN = "/api/v1/auth/login"
RESET = "/api/v1/auth/password-reset"
RESET_BY_TOKEN = RESET + "/{token}"
COMMENT_LINK = "/api/v1/auth/comment-links/{token}/{verb}"
# Of the routes to sign in, those where nobody has yet.
BEFORE_SIGN_IN = {SIGN_IN, RESET, RESET_BY_TOKEN}
THROTTLED = {(SIGN_IN, "post"), ("/api/v1/auth/password", "post"), (COMMENTS, "post")}
THROTTLED |= {(RECEIPT, "patch"), (RESET, "post"), (RESET_BY_TOKEN, "post")}
CONFLICTING = {(COMMENTS, "post"), (RECEIPT, "patch"), (COMMENT_LINK, "post")}
# Their answers are made for one reader, or for one moment.
NEVER_CACHED = {RECEIPT, COMMENT_LINK, "/api/v1/posts/{slug}/comment-form", "/healthz", "/readyz"}
# What readers may ask for by a slug that it had.
MOVING = tuple(
    f"/api/v1/{kind}/{{slug}}" for kind in ("posts", "faqs", "tags", "categories", "authors")
)
CHANGES = {"patch", "put", "delete"}
CREATED, OK = "201", "200"
LISTS = {"posts", "faqs", "tags", "categories", "authors", "comments", "users", "tokens"}
LISTS |= {"reviews", "history", "revisions", "media"}
# They change something that is there, though the method says that they add to it.
MATCHED = ("/posts/{post_id}/review", "/revisions/{number}/restore")
# They may be told what is meant to be there.
MAY_BE_MATCHED = ("/merge", "/undo")
# A link can only be ended, and has no version.
UNMATCHED = ("/preview-links/{link_id}",)

STATUSES = {
    301: "Moved to the present slug",
    304: "Not changed since the ETag that you have",
    308: "Moved to the present slug",
    400: "Malformed request; `errors` names the fault",
    401: "Not signed in, or a bad `Authorization`",
    403: "Signed in, but not allowed",
    404: "Nothing here that you may know of",
    409: "In conflict with the present state",
    412: "Somebody changed it since",
    413: "The body is too large",
    415: "A body, or a file, of a kind that is not taken",
    422: "A field can not be accepted; `errors` names it",
    428: "Send If-Match",
    429: "Too many; see Retry-After",
    503: "The database is away; see Retry-After",
}
HEADERS = {
    "ETag": "To send back as `If-None-Match`, or on a change as `If-Match`",
    "Link": '`rel="next"`: the next page, if there is one',
    "Location": "Its address",
    "Retry-After": "Seconds to wait",
    "WWW-Authenticate": "The scheme to sign in by",
    "X-Request-Id": "Name of this request, also in the log",
}
HEADERS_OF_STATUS = {
    301: ["Location"],
    304: ["ETag"],
    308: ["Location"],
    401: ["WWW-Authenticate"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}


def describe(spec: Described) -> Described:
    """Complete what flask-smorest wrote."""
    spec["components"]["headers"] = {name: _header(name) for name in HEADERS}
    spec["components"]["responses"] = {f"Status{code}": _response(code) for code in STATUSES}
    for path, item in spec["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method != "parameters":
                _describe(path, method, operation)
                for parameter in operation.get("parameters", []):
                    _without_null(parameter)
        for parameter in shared:
            _without_null(parameter)
    return spec


def _describe(path: str, method: str, operation: Described) -> None:
    operation["operationId"] = _operation_id(path, method)
    operation["security"] = []
    if is_guarded(path):
        operation["security"] = SIGNED_IN_TO_READ if method == "get" else SIGNED_IN
    if path == RECEIPT:
        operation["security"] = [{"receipt": []}]
    for header, holds in _request_headers(path, method):
        if holds:
            operation.setdefault("parameters", []).append(header)
    # flask-smorest names responses here that are not in the document: see `openapi`.
    described = operation["responses"].items()
    operation["responses"] = {code: one for code, one in described if "$ref" not in one}
    for code, response in operation["responses"].items():
        response["headers"] = _headers(_response_headers(path, method, code))
    for status in _failures(path, method, operation):
        shared = {"$ref": f"#/components/responses/Status{status}"}
        operation["responses"].setdefault(str(status), shared)


def _request_headers(path: str, method: str) -> list[tuple[Described, bool]]:
    keyed = (path, method) == (COMMENTS, "post")
    rows = [(IF_MATCH, needs_if_match(path, method)), (MAY_MATCH, path.endswith(MAY_BE_MATCHED))]
    return [*rows, (IDEMPOTENCY_KEY, keyed)]


def _response(status: int) -> Described:
    headers = _headers(HEADERS_OF_STATUS.get(status, []))
    plain = {"description": STATUSES[status], "headers": headers}
    return plain if status < 400 else plain | {"content": {PROBLEM_JSON: {"schema": PROBLEM}}}


def _headers(names: list[str]) -> Described:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in [*names, "X-Request-Id"]}


def _header(name: str) -> Described:
    return {"description": HEADERS[name], "schema": {"type": "string"}}


def _response_headers(path: str, method: str, code: str) -> list[str]:
    name = path.rpartition("/")[2]
    lists = method == "get" and name in LISTS
    versioned = path.startswith("/api/v1/manage/") and not lists
    rows = [
        (code == OK and is_cached(path, method), "ETag"),
        (code in {OK, CREATED} and versioned, "ETag"),
        (code == OK and lists, "Link"),
        (code == CREATED and path.startswith("/api/v1/manage/"), "Location"),
    ]
    return [name for holds, name in rows if holds]


def _failures(path: str, method: str, operation: Described) -> list[int]:
    guarded, managed = is_guarded(path), path.startswith("/api/v1/manage/")
    moves = path.startswith(MOVING)
    rows = [
        (True, [400, 401, 503]),
        (guarded or path in BEFORE_SIGN_IN or path == COMMENT_LINK, [403]),
        ("{" in path or path == SITEMAP, [404]),
        (is_cached(path, method), [304]),
        (moves and method == "get", [301]),
        (moves and method != "get", [308]),
        ("requestBody" in operation, [413, 415, 422]),
        ((managed and method != "get") or (path, method) in CONFLICTING, [409]),
        (needs_if_match(path, method), [412, 428]),
        (path.endswith(MAY_BE_MATCHED) or (path, method) == (COMMENT_LINK, "post"), [412]),
        ((path, method) in THROTTLED, [429]),
    ]
    return sorted({status for holds, statuses in rows if holds for status in statuses})


def is_guarded(path: str) -> bool:
    is_open = path in BEFORE_SIGN_IN or path == COMMENT_LINK
    return path.startswith(("/api/v1/manage/", "/api/v1/auth/")) and not is_open


def is_cached(path: str, method: str) -> bool:
    return method == "get" and not is_guarded(path) and path not in NEVER_CACHED


def needs_if_match(path: str, method: str) -> bool:
    changes = method in CHANGES or (path.endswith(MATCHED) and method == "post")
    return path.startswith("/api/v1/manage/") and changes and not path.endswith(UNMATCHED)


def _without_null(parameter: Described) -> None:
    """No parameter can be null; what apispec makes of `load_default=None` says that it can."""
    schema = parameter["schema"]
    if schema.get("default") in (None, []):
        schema.pop("default", None)
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [one for one in schema["type"] if one != "null"]
    if schema.pop("x-comma-separated", False):
        parameter["explode"] = False


def _operation_id(path: str, method: str) -> str:
    words = re.sub(r"[{}]", "", path.removeprefix("/api/v1/")).replace("-", "_").split("/")
    return "_".join([method, *(word for word in words if word)]).replace(".", "_")
