"""Opaque keyset cursors: where a page ended, good for that one list alone."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from flask import current_app

from cms.errors import Malformed
from cms.services import signing

LONGEST_REMEMBERED = 500
# How many characters `short_digest` has.
SIGNATURE = 22


@dataclass(slots=True)
class Page:
    """A part of a list. `total` is counted only on demand, `counts` by a few lists."""

    items: Sequence[Any]
    next_cursor: str | None = None
    total: int | None = None
    counts: Mapping[str, int] | None = None


def scope(route: str, filters: Mapping[str, Any]) -> str:
    """What a cursor belongs to: the list, with its filters and its order."""
    return route + orjson.dumps(filters, default=str, option=orjson.OPT_SORT_KEYS).decode()


def encode(belongs_to: str, values: Sequence[str | int]) -> str:
    text = orjson.dumps(list(values)).decode()
    sign = _signed if _is_short(belongs_to, text) else _signed.__wrapped__
    return sign(current_app.config["SIGNING_KEY"], belongs_to, text)


def decode(belongs_to: str, cursor: str) -> list[Any]:
    """Raises Malformed for a broken cursor, and for one of another list, filter or order."""
    read = _read if _is_short(belongs_to, cursor) else _read.__wrapped__
    return orjson.loads(read(current_app.config["SIGNING_KEY"], belongs_to, cursor))


def _is_short(belongs_to: str, text: str) -> bool:
    # Strangers choose the lists. What is not ASCII takes four times the room.
    return len(belongs_to) + len(text) <= LONGEST_REMEMBERED and text.isascii()


# The key is only there to be told from another's: `short_digest` knows it.
# First pages are asked for again and again, and a cursor that was given comes back. Signing takes
# longer than all else of it.
@lru_cache(maxsize=1000)
def _signed(_key: bytes, belongs_to: str, text: str) -> str:
    raw = f"{signing.short_digest('cursor', belongs_to, text)}{text}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


# What is refused is not remembered: nobody pushes out those that were given.
@lru_cache(maxsize=1000)
def _read(key: bytes, belongs_to: str, cursor: str) -> str:
    """The values as they were signed. Raises Malformed."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()[SIGNATURE:]
    except (binascii.Error, ValueError):
        raise _bad() from None
    # The whole of it: Python skips what is not base64, and a place would have many cursors.
    if not signing.matches(cursor, _signed.__wrapped__(key, belongs_to, text)):
        raise _bad()
    return text


def _bad() -> Malformed:
    detail = "This cursor is broken, or belongs to another list, filter or sort."
    return Malformed(detail, reason="bad_cursor", errors=[{"pointer": "cursor", "detail": detail}])
