"""One shape for every failure: RFC 9457 problem details, whoever noticed it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, current_app, request
from marshmallow import Schema, fields
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from cms.api.pointers import MOST_FAULTS
from cms.database import is_absence
from cms.errors import CmsError, Conflict, Moved, Unavailable, Unsupported

PROBLEM_JSON = "application/problem+json"
# Where `cms.api.exchange` leaves the name of a request.
REQUEST_ID = "cms.request_id"
# Where inner layers leave what `cms.api.observing` tells of a request.
ROUTE, USER, CACHE = "cms.route", "cms.user", "cms.cache"


class UnsupportedMediaType(Unsupported):
    def __init__(self, message: str) -> None:
        super().__init__(message, reason="unsupported_media_type")


class FaultSchema(Schema):
    pointer = fields.String(
        metadata={"description": "JSON pointer, or a parameter's name"}, required=True
    )
    detail = fields.String(required=True)


class PersonSchema(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)


class FieldChangeSchema(Schema):
    """The last change of a field. Null: by the system, by somebody who has gone, or unknown."""

    field = fields.String(required=True)
    changed_at = fields.String(allow_none=True, required=True)
    changed_by = fields.Nested(PersonSchema, allow_none=True, required=True)


class ProblemSchema(Schema):
    """RFC 9457. `reason` is stable; `detail` is for people and may change."""

    type = fields.String(metadata={"description": "`/problems/` and the reason"}, required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    reason = fields.String(
        metadata={"description": "Stable, machine-readable cause"}, required=True
    )
    errors = fields.List(fields.Nested(FaultSchema), required=True)
    request_id = fields.String(required=True)
    version = fields.Integer(metadata={"description": "With `stale_version`: the present one"})
    changed_fields = fields.List(
        fields.String(),
        metadata={"description": "With `stale_version` of a post or a FAQ: what differs now"},
    )
    changes = fields.List(fields.Nested(FieldChangeSchema))
    used_in = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={"description": "With `in_use` and `media_in_use`: what uses it"},
    )


# Only a constraint holds when two requests race, so its name decides the reply.
BROKEN_CONSTRAINTS = {
    "uq_tags_slug": ("Another tag has this slug.", "slug_taken"),
    "uq_categories_slug": ("Another category has this slug.", "slug_taken"),
    "uq_authors_slug": ("Another author has this slug.", "slug_taken"),
    "uq_entries_translation_group_locale": (
        "Another entry is already its translation into this language.",
        "translation_taken",
    ),
    "uq_users_email": ("Another user has this email.", "email_taken"),
    "uq_comments_post_id_fingerprint": (
        "You have already said this here.",
        "duplicate_comment",
    ),
}
# Reasons for what the framework raises by itself.
HTTP_REASONS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal_error",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(CmsError, refused)
    app.register_error_handler(Moved, moved)
    app.register_error_handler(IntegrityError, broken_constraint)
    app.register_error_handler(Unavailable, unavailable)
    app.register_error_handler(OperationalError, database_failed)
    app.register_error_handler(PoolTimeout, database_failed)
    app.register_error_handler(HTTPException, http_error)


def problem(
    status: int,
    reason: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> Response:
    """A problem as a response, never cacheable."""
    body = members(request.environ, status, reason=reason, detail=detail)
    body |= {"errors": (errors or [])[:MOST_FAULTS], **extra}
    response = Response(orjson.dumps(body), status, content_type=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def members(environ: Mapping[str, Any], status: int, *, reason: str, detail: str) -> dict[str, Any]:
    """What every problem says, as JSON values."""
    return {
        "type": f"/problems/{reason}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "reason": reason,
        "errors": [],
        "request_id": environ.get(REQUEST_ID),
    }


def refused(error: CmsError) -> Response:
    return problem(
        error.status,
        error.reason,
        error.message,
        errors=error.errors,
        headers=_headers_of(error),
        **error.extra,
    )


def _headers_of(error: CmsError) -> dict[str, str]:
    headers = {}
    if (seconds := getattr(error, "retry_after", None)) is not None:
        headers["Retry-After"] = str(seconds)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = f'{getattr(error, "scheme", "Bearer")} realm="cms"'
    return headers


def moved(error: Moved) -> Response:
    """301 to the present slug, on whatever sub-route was asked; 308 keeps a POST a POST."""
    # By its rule: the slug may be a word that the address also has elsewhere.
    _, path = request.url_rule.build({**request.view_args, "slug": error.new})
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    base = current_app.config["CMS"].api_url
    status = 301 if request.method in {"GET", "HEAD"} else 308
    response = Response(status=status)
    response.headers["Location"] = f"{base}{path}{query}"
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


def broken_constraint(error: IntegrityError) -> Response:
    known = BROKEN_CONSTRAINTS.get(_constraint_name(error))
    if known is not None:
        return refused(Conflict(known[0], reason=known[1]))
    if "foreign key" in str(error.orig).lower():
        return refused(Conflict("Something that this names has gone.", reason="reference_gone"))
    # Our own mistake: a 500, with the traceback in the log.
    return http_error(InternalServerError(original_exception=error))


def _constraint_name(error: IntegrityError) -> str:
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name:
        return name
    # SQLite names the columns: "UNIQUE constraint failed: tags.slug".
    columns = str(error.orig).rpartition(": ")[2].split(", ")
    table = columns[0].partition(".")[0]
    return f"uq_{table}_" + "_".join(column.rpartition(".")[2] for column in columns)


def unavailable(error: Unavailable) -> Response:
    """503, with the driver's own words in the log: its first line, which holds no values."""
    cause = error.__cause__ or error
    words = str(cause).strip().partition("\n")[0]
    named = request.environ.get(REQUEST_ID), type(cause).__name__, words
    current_app.logger.warning("request %s: the database is away: %s: %s", *named)
    return refused(error)


def database_failed(error: OperationalError | PoolTimeout) -> Response:
    cause = getattr(error, "orig", error)
    if not isinstance(error, PoolTimeout) and not is_absence(cause):
        return http_error(InternalServerError(original_exception=error))
    away = Unavailable()
    away.__cause__ = cause
    return unavailable(away)


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, InternalServerError):
        current_app.logger.error(
            "request %s failed", request.environ.get(REQUEST_ID), exc_info=error.original_exception
        )
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Location"}}
    reason = HTTP_REASONS.get(status, "bad_request" if status < 500 else "internal_error")
    return problem(status, reason, _detail(error), headers=headers)


def _detail(error: HTTPException) -> str:
    # Werkzeug's own text may quote the request; a fixed sentence can not leak.
    status = HTTPStatus(error.code or 500)
    return f"{status.description or status.phrase}."
