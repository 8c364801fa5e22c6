"""Who comes too late is told what changed: which fields, by whom and when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cms.actor import Actor
from cms.errors import StaleVersion
from cms.models import Entry
from cms.services import names, revisions
from cms.services.entry_fields import differing, outward
from cms.times import format_time


def expect(entry: Entry, version: int | None) -> None:
    """Refuse a change that was based on another version. `None` accepts any.

    Raises StaleVersion, with the fields that differ.
    """
    if version is not None and version != entry.version:
        raise StaleVersion(entry.version, _changes_since(entry, version))


def note_changes(actor: Actor, entry: Entry, changed: Iterable[str], now: datetime) -> None:
    """Remember who changed these fields last. The entry has its new version already."""
    change = {"version": entry.version, "at": format_time(now), "by": actor.user_id}
    entry.changed_in = entry.changed_in | dict.fromkeys(changed, change)


def _changes_since(entry: Entry, version: int) -> list[dict[str, Any]]:
    found = {
        name: change for name, change in entry.changed_in.items() if change["version"] > version
    }
    for name in _same_again(entry, version, found):
        del found[name]
    people = names.people(change["by"] for change in found.values())
    return [
        {
            "field": outward(type(entry), name),
            "changed_at": change["at"],
            "changed_by": people.get(change["by"]),
        }
        for name, change in sorted(found.items())
    ]


def _same_again(entry: Entry, version: int, names: Iterable[str]) -> set[str]:
    """Fields that were changed, and changed back.

    Known only where that version's state was kept; a state between quick saves was not.
    """
    before = revisions.state_at(entry, version) or {}
    known = {name: before[name] for name in names if name in before}
    return set(known) - set(differing(entry, known))
