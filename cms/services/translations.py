"""Which entries say the same in another language: at most one for each locale of a group.

A link is of both sides and shows at once: it is no text, so it makes no revision and waits for no
publication.
"""

from typing import Any, NamedTuple

import orjson
from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from cms.errors import Conflict, Invalid
from cms.extensions import db
from cms.models import Entry, Publication
from cms.models.base import new_id
from cms.services import generation, keeping
from cms.services.asking import reader_at_hand
from cms.services.published import not_past
from cms.services.sql import rows_of

# Made once: it is a part of every answer about an entry.
ROW = Entry.__table__.c
SAID = (ROW.id, ROW.locale, ROW.slug, ROW.title, ROW.translation_group)
MEMBERS = (
    rows_of(ROW.translation_group, "groups", *SAID)
    .where(ROW.trashed_at.is_(None))
    .order_by(ROW.locale)
)


class Member(NamedTuple):
    id: str
    locale: str
    slug: str
    title: str
    translation_group: str


def hold(*ids: str) -> None:
    """Lock entries that are about to be linked, before anything else of them is.

    In one order: two people who link each other's would wait in a circle.
    """
    rows = select(Entry.id).where(Entry.id.in_(ids)).order_by(Entry.id)
    db.session.execute(rows.with_for_update())


def link(entry: Entry, original_id: str | None) -> None:
    """Make an entry a translation of another, or of none. The caller holds both (`hold`).

    Raises Invalid (`unknown_id`, `self_link`), Conflict (`translation_taken`) that names which
    translation the other has in this locale already.
    """
    if original_id is None:
        _move(entry, new_id())
        return
    if original_id == entry.id:
        raise Invalid("/translation_of", "This is the entry itself.", reason="self_link")
    original = db.session.get(type(entry), original_id, with_for_update=True)
    if original is None:
        raise Invalid("/translation_of", "There is no such id.", reason="unknown_id")
    _make_place(entry, original.translation_group)
    # In a race, the database refuses.
    _move(entry, original.translation_group)


def other_in(entry: Entry, group: str, locale: str) -> Entry | None:
    """What else of a group is written in a locale, in the trash or not."""
    members = select(type(entry)).where(
        Entry.translation_group == group, Entry.locale == locale, Entry.id != entry.id
    )
    return db.session.scalar(members)


def _make_place(entry: Entry, group: str) -> None:
    other = other_in(entry, group, entry.locale)
    if other is not None and other.trashed_at is not None:
        # What was thrown away keeps no place; it comes back as no translation of anything.
        _move(other, new_id())
    elif other is not None:
        detail = f"There is a translation already: {other.slug!r} ({other.id})."
        fault = {"pointer": "/translation_of", "detail": detail}
        raise Conflict(detail, reason="translation_taken", errors=[fault])


def is_linked(entry: Entry, original_id: str | None) -> bool:
    """Whether an entry is a translation of another already, or, for None, of nothing."""
    others = select(Entry.id).where(
        Entry.translation_group == entry.translation_group, Entry.id != entry.id
    )
    ids = set(db.session.scalars(others))
    return original_id in ids if original_id is not None else not ids


def of(entries: list[Entry]) -> dict[str, list[Member]]:
    """The other members of each entry's group, by locale."""
    groups = {entry.translation_group for entry in entries} - {None}
    given = {"groups": orjson.dumps(sorted(groups)).decode()}
    members = [Member(*row) for row in reader_at_hand().rows(MEMBERS, given)]
    return {
        entry.id: [
            one
            for one in members
            if one.translation_group == entry.translation_group and one.id != entry.id
        ]
        for entry in entries
    }


def shown_beside(entry_id: str) -> set[str]:
    """What names an entry as its translation, or would, by the rows that the entry has.

    Its own group says less: in the trash, it may have lost its place to another.
    """
    its = aliased(Publication)
    groups = select(its.translation_group).where(its.entry_id == entry_id)
    rows = Publication.translation_group.in_(groups), Publication.entry_id != entry_id, not_past()
    return set(db.session.scalars(select(Publication.entry_id).where(*rows)))


def missing_in(model: Any, locale: str) -> Any:
    """The condition that nothing of an entry's group is written in a locale."""
    other = aliased(Entry, flat=True)
    group = other.translation_group == model.translation_group
    return ~exists().where(group, other.locale == locale, other.trashed_at.is_(None))


def _move(entry: Entry, group: str) -> None:
    touched = {entry.translation_group, group}
    entry.translation_group = group
    keeping.write(entry)
    rows = update(Publication).where(Publication.entry_id == entry.id, not_past())
    changed = db.session.execute(rows.values(translation_group=group)).rowcount
    if changed:
        others = select(Entry.id).where(Entry.translation_group.in_(touched))
        ids = {entry.id, *db.session.scalars(others)}
        generation.touch(*(f"{entry.kind}:{one}" for one in ids), f"list:{entry.kind}")
