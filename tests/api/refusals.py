"""What every refusal looks like, and what the database held before and after."""

import re
from collections import defaultdict
from typing import Any

from flask import Flask
from sqlalchemy import select

from cms.extensions import db
from cms.models import Base
from tests.emptying import filled

MEMBERS = {"type", "title", "status", "detail", "reason", "errors", "request_id"}
# What a stranger must never read: code, paths, statements, the names of exceptions.
LEAK = re.compile(
    r"""Traceback|File\ "|\.py\b|site-packages|/(?:home|root|tmp|usr|var|work)/
    |\b(?:SELECT|INSERT|UPDATE|DELETE)\ |(?i:sqlite|psycopg|sqlalchemy|marshmallow|werkzeug)
    |[A-Za-z](?:Error|Exception)\b""",
    re.VERBOSE,
)
# Counting an attempt is not a change.
COUNTERS = {"rate_limits"}


def assert_problem(response: Any, status: int, reason: str) -> dict[str, Any]:
    """The problem's members, after everything that any refusal must keep."""
    assert response.status_code == status, response.text[:500]
    assert response.content_type == "application/problem+json"
    found = response.json
    assert set(found) >= MEMBERS
    assert (found["status"], found["reason"]) == (status, reason), found
    assert found["type"] == f"/problems/{reason}"
    assert found["title"]
    assert found["detail"]
    assert all(set(fault) == {"pointer", "detail"} for fault in found["errors"])
    assert found["request_id"] == response.headers["X-Request-Id"]
    assert "no-store" in response.headers["Cache-Control"]
    assert not LEAK.search(response.text), response.text
    return found


def contents(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table, but for what only counts attempts."""
    with app.app_context():
        names = [one for one in filled(db.session.connection()) if one not in COUNTERS]
        tables = map(Base.metadata.tables.get, names)
        rows = {one.name: db.session.execute(select(one)).all() for one in tables}
        db.session.rollback()
    return defaultdict(list, {name: sorted(map(repr, found)) for name, found in rows.items()})
