"""What editors read of an entry's past: its revisions, one of them, and how two differ."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from cms.actor import Actor
from cms.errors import NotFound
from cms.models import Entry, Revision
from cms.services import clock, comparing, entries, keyset, names, publishing, revisions
from cms.services.cursors import Page, scope
from cms.services.entry_fields import editable, outward

Shown = dict[str, Any]
LIVE = "live"


def find(
    actor: Actor,
    model: type[Entry],
    entry_id: str,
    *,
    limit: int,
    cursor: str | None,
    total: bool,
) -> Page:
    """A page of an entry's revisions, the newest first, without their fields.

    Raises Forbidden, NotFound, Malformed for a bad cursor.
    """
    entry = entries.read(actor, model, entry_id)
    query = select(Revision).where(Revision.entry_id == entry.id).options(defer(Revision.fields))
    page = keyset.page(
        query,
        (Revision.number, Revision.entry_id),
        belongs_to=scope("revisions", {"entry": entry.id}),
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )
    return Page(_shown(entry, page.items), page.next_cursor, page.total)


def read(actor: Actor, model: type[Entry], entry_id: str, number: int) -> Shown:
    """A revision with all its fields. Raises Forbidden, NotFound."""
    entry = entries.read(actor, model, entry_id)
    revision = revisions.get(entry, number)
    fields = {outward(model, name): one for name, one in editable(revision.fields).items()}
    return _shown(entry, [revision])[0] | {"fields": fields, "version": entry.version}


def compare(
    actor: Actor, model: type[Entry], entry_id: str, number: int, against: int | str | None
) -> Shown:
    """What a revision has that another has not: by default the one before, if there is one.

    `against` is a number, or `live` for what the public sees. Raises Forbidden, NotFound.
    """
    entry = entries.read(actor, model, entry_id)
    after = revisions.get(entry, number)
    other = _other(entry, number, against)
    before = editable(revisions.get(entry, other).fields) if other else {}
    return {
        "number": number,
        "against": other,
        "differences": comparing.differences(model, before, editable(after.fields)),
        "version": entry.version,
    }


def _other(entry: Entry, number: int, against: int | str | None) -> int | None:
    if against is None:
        return number - 1 or None
    if against != LIVE:
        return int(against)
    live = _live(entry)
    if live is None:
        raise NotFound("Nothing of this is public now.", reason="not_found")
    return live


def _live(entry: Entry) -> int | None:
    row, _ = publishing.standing_at(entry, clock.reading_now())
    return None if row is None else row.revision


def _shown(entry: Entry, found: list[Revision]) -> list[Shown]:
    live, people = _live(entry), names.people(one.created_by for one in found)
    return [
        {
            "number": one.number,
            "created_at": one.created_at,
            "updated_at": one.updated_at or one.created_at,
            "created_by": people.get(one.created_by),
            "note": one.note,
            "changed_fields": sorted(outward(type(entry), name) for name in one.changed),
            "is_live": one.number == live,
            "is_current": one.number == entry.revision,
        }
        for one in found
    ]
