"""Where in a body a fault is: JSON pointers (RFC 6901), of a bounded length and number.

Strangers choose the keys: a pointer is written only for a fault, and a long key is cut.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

MOST_FAULTS = 50
LONGEST_PART = 100

Path = tuple[str | int, ...]


def pointer(path: Path) -> str:
    """The pointer to what the keys and positions of `path` lead to."""
    return "".join(f"/{_escaped(shortened(str(part)))}" for part in path)


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_PART else f"{text[:LONGEST_PART]}…"


def faults(messages: Any) -> list[dict[str, str]]:
    """marshmallow's nested messages as `{"pointer", "detail"}`, the first MOST_FAULTS of them."""
    return list(islice(_each(messages, ()), MOST_FAULTS))


def _each(messages: Any, path: Path) -> Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _each(inner, path if key == "_schema" else (*path, key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _each(inner, path)
    else:
        yield {"pointer": pointer(path), "detail": str(messages)}


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
