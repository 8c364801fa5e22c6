"""Two states of a working copy side by side, field by field, in words that a person can read."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any

from cms.content import diff
from cms.models import Entry
from cms.services import names
from cms.services.entry_fields import TARGETS, outward, target_of

State = Mapping[str, Any]
Difference = dict[str, Any]
TEXTS = {"title", "excerpt", "body.source"}


def differences(model: type[Entry], before: State, after: State) -> list[Difference]:
    """What differs, by the names that clients use; a field that a state lacks counts as empty.

    Of kind `text`: a unified diff. Of kind `links`: what was added, removed, moved, and whose note
    changed, each with its present name. Of kind `value`: before and after.
    """
    old, new = _flat(before), _flat(after)
    return [
        {"field": _outward(model, name)} | _kind(name)(name, old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if (old.get(name) or None) != (new.get(name) or None)
    ]


def _flat(state: State) -> dict[str, Any]:
    """Each part of `body` and `seo` as a field of its own: `body.source`, `seo.title`."""
    flat: dict[str, Any] = {}
    for name, value in state.items():
        parts = value.items() if isinstance(value, Mapping) else []
        flat |= {f"{name}.{part}": one for part, one in parts} if parts else {name: value}
    return flat


def _outward(model: type[Entry], name: str) -> str:
    field, *part = name.split(".")
    return ".".join([outward(model, field), *part])


def _kind(name: str) -> Callable[[str, Any, Any], Difference]:
    if name in TEXTS:
        return _text
    return _links if name in TARGETS else _value


def _text(_name: str, before: str | None, after: str | None) -> Difference:
    found = diff.compare(before or "", after or "")
    return {"kind": "text", "diff": found.text, "coarse": found.coarse}


def _value(_name: str, before: Any, after: Any) -> Difference:
    return {"kind": "value", "before": before, "after": after}


def _links(name: str, before: Any, after: Any) -> Difference:
    old, new = _by_target(before), _by_target(after)
    called = names.of(TARGETS[name], [*old, *new])
    stayed = [one for one in new if one in old]
    groups = {
        "added": [one for one in new if one not in old],
        "removed": [one for one in old if one not in new],
        "moved": _moved(list(old), stayed),
        "noted": [one for one in stayed if old[one] != new[one]],
    }
    found = {
        group: [{"id": one, "name": called.get(one)} for one in ids]
        for group, ids in groups.items()
    }
    for one in found["noted"]:
        one |= {"before": old[one["id"]]["note"], "after": new[one["id"]]["note"]}
    return {"kind": "links"} | found


def _by_target(links: Any) -> dict[str, Any]:
    """A field's links by the ids that they name, in order; it may hold a single id, or none."""
    items = links if isinstance(links, list) else [links] if links else []
    return {target_of(link): link for link in items}


def _moved(old: list[str], stayed: list[str]) -> list[str]:
    """The fewest that have to move for the old order to become the new one."""
    places = [old.index(one) for one in stayed]
    lengths, lasts = [], []
    for place in places:
        at = bisect_left(lasts, place)
        lasts[at : at + 1] = [place]
        lengths.append(at)
    wanted, keeping = len(lasts) - 1, set()
    for number in range(len(places) - 1, -1, -1):
        if lengths[number] == wanted:
            keeping.add(stayed[number])
            wanted -= 1
    return [one for one in stayed if one not in keeping]
