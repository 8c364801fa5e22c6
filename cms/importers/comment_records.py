"""What an archive of comments consists of: plain records, and what each field may hold.

A check gives the value to keep, or raises ValueError. Values are as JSON has them.
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any

from cms.importers.seed_records import STATUSES
from cms.times import parse_time

FLAGS = ("crisis", "adverse_event")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class CommentRecord:
    """One comment. Its post is found by `post_id`, or else by slug and locale.

    Of a withdrawn one (`withdrawn_at`) there are no words and no writer.
    """

    id: str
    post_id: str
    post_slug: str | None = None
    post_locale: str | None = None
    parent_id: str | None = None
    status: str
    flag: str | None = None
    is_staff: bool = False
    author_name: str
    author_email: str
    author_url: str | None = None
    network: str | None = None
    user_agent: str | None = None
    body: str
    note: str | None = None
    # What its form said that the writer agrees to.
    consent: str | None = None
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None


def record(raw: Any) -> CommentRecord:
    """Raises ValueError, naming the field."""
    if not isinstance(raw, dict):
        raise ValueError("must be fields with values")
    known = {column.name: column.default for column in fields(CommentRecord)}
    for name in raw.keys() - known.keys():
        raise ValueError(f"{name}: unknown field")
    return CommentRecord(**{name: _checked(raw, name, known[name]) for name in known})


def _checked(raw: dict[str, Any], name: str, default: Any) -> Any:
    value = raw.get(name)
    if value is None and default is not MISSING:
        return default
    try:
        return CHECKS.get(name, _text)(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is missing" if value is None else "must be text")
    return value


def _id(value: Any) -> str:
    if not ID.fullmatch(_text(value)):
        raise ValueError(f"must be an id, not {value[:50]!r}")
    return value


def _moment(value: Any) -> datetime:
    return parse_time(_text(value))


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return check


# What is not named here is text.
CHECKS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "post_id", "parent_id"), _id),
    **dict.fromkeys(("created_at", "updated_at", "edited_at", "withdrawn_at"), _moment),
    "is_staff": _truth,
    "status": _one_of(*STATUSES),
    "flag": _one_of(*FLAGS),
}
