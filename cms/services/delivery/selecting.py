"""Keep of an object just the fields that were asked for; dotted names reach into objects."""

from collections.abc import Iterable, Mapping
from typing import Any


def select_fields(item: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """`{"title": …, "body": {"html": …}}` for `["title", "body.html"]`, in the item's order."""
    wanted: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition(".")
        wanted.setdefault(head, []).append(rest)
    return {
        name: value if "" in wanted[name] else _inside(value, wanted[name])
        for name, value in item.items()
        if name in wanted
    }


def _inside(value: Any, names: list[str]) -> Any:
    if isinstance(value, list):
        return [_inside(one, names) for one in value]
    return select_fields(value, names) if isinstance(value, dict) else value
