"""What a save leaves behind: a revision of its own, or a part of the quick saves before it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.orm import defer

from cms import writing
from cms.actor import Actor
from cms.errors import Invalid, NotFound
from cms.extensions import db
from cms.models import Entry, Publication, Revision
from cms.services.entry_fields import editable, snapshot

# From the first save on: who types for hours leaves a revision every ten minutes.
JOINED_WITHIN = timedelta(minutes=10)

KEPT = Revision.__table__
KEEP = (
    update(KEPT)
    .where(
        KEPT.c.entry_id == bindparam("of_entry"),
        KEPT.c.number == bindparam("of_number"),
        KEPT.c.kept.is_(False),
    )
    .values(kept=True)
)
NEW = insert(KEPT)


@dataclass(frozen=True)
class Save:
    """What somebody just did to an entry, which has its new fields and its new version already."""

    actor: Actor
    entry: Entry
    changed: list[str]
    now: datetime
    note: str | None = None
    restored: bool = False


def record(save: Save) -> None:
    """Keep the working copy as it is now. The newest revision always equals it."""
    earlier = _newest(save.entry) if save.entry.version > 1 else None
    if earlier is not None and all(may_join(earlier, save) for may_join in RULES):
        _join(earlier, save)
    else:
        _add(save)


def keep(entry: Entry, number: int) -> None:
    """Let nothing become part of a revision any more: it was published, scheduled or reviewed.

    The caller has locked the entry.
    """
    writing.run(KEEP, {"of_entry": entry.id, "of_number": number})


def get(entry: Entry, number: int) -> Revision:
    """Raises NotFound."""
    found = db.session.get(Revision, (entry.id, number), populate_existing=True)
    if found is None:
        raise NotFound("There is no such revision.", reason="not_found")
    return found


def state_at(entry: Entry, version: int) -> dict[str, Any] | None:
    """An entry's editable fields at one of its versions; None where later saves joined it."""
    found = db.session.execute(
        select(Revision.last_version, Revision.fields)
        .where(Revision.entry_id == entry.id, Revision.first_version <= version)
        .order_by(Revision.number.desc())
        .limit(1)
    ).first()
    return None if found is None or found.last_version > version else editable(found.fields)


def check_noted(entry: Entry, note: str) -> None:
    """Raises Invalid for a note about no change, unless the newest revision has it already."""
    newest = _newest(entry)
    if newest is None or newest.note != note:
        detail = "Nothing changes that a revision keeps, so there is nothing to note."
        raise Invalid("/note", detail, reason="nothing_to_note")


def is_of_the_same_person(earlier: Revision, save: Save) -> bool:
    # Nobody stands for the command line: two of its runs are not one person's.
    return save.actor.user_id is not None and earlier.created_by == save.actor.user_id


def is_recent(earlier: Revision, save: Save) -> bool:
    return timedelta() <= save.now - earlier.created_at < JOINED_WITHIN


def has_no_note(earlier: Revision, _save: Save) -> bool:
    return earlier.note is None


def is_not_kept(earlier: Revision, _save: Save) -> bool:
    return not earlier.kept


def is_no_restore(_earlier: Revision, save: Save) -> bool:
    return not save.restored


def was_never_shown(earlier: Revision, save: Save) -> bool:
    """No publication was made of it, whoever forgot to `keep` it."""
    made = (Publication.entry_id == earlier.entry_id, Publication.revision == earlier.number)
    shown = save.entry.live_revision == earlier.number
    return not shown and not db.session.scalar(select(exists().where(*made)))


# All must hold for a save to become part of the newest revision; the last one asks the database.
RULES: list[Callable[[Revision, Save], bool]] = [
    is_no_restore,
    is_not_kept,
    has_no_note,
    is_of_the_same_person,
    is_recent,
    was_never_shown,
]


def _newest(entry: Entry) -> Revision | None:
    return db.session.scalar(
        select(Revision)
        .where(Revision.entry_id == entry.id, Revision.number == entry.revision)
        # As long as a book, and about to be replaced.
        .options(defer(Revision.fields))
        # `keep` says nothing to the session.
        .execution_options(populate_existing=True)
    )


def _join(earlier: Revision, save: Save) -> None:
    earlier.fields = snapshot(save.entry)
    earlier.changed = _changed_since(earlier, save)
    earlier.updated_at = save.now
    earlier.last_version = save.entry.version
    earlier.note = save.note


def _changed_since(earlier: Revision, save: Save) -> list[str]:
    """What differs from the revision before: some of it may have been changed back."""
    before = db.session.scalar(
        select(Revision.fields).where(
            Revision.entry_id == earlier.entry_id, Revision.number == earlier.number - 1
        )
    )
    old, new = editable(before), editable(earlier.fields)
    touched = {*earlier.changed, *save.changed}
    return sorted(name for name in touched if old.get(name) != new.get(name))


def _add(save: Save) -> None:
    entry = save.entry
    # The first one has its number already; to set it again would have the row looked at again.
    if entry.version > 1:
        entry.revision += 1
    row = {
        "entry_id": entry.id,
        "number": entry.revision,
        "created_at": save.now,
        "updated_at": save.now,
        "first_version": entry.version,
        "last_version": entry.version,
        "created_by": save.actor.user_id,
        "note": save.note,
        # What an entry began with, and what somebody turned back to, stay as they are.
        "kept": entry.revision == 1 or save.restored,
        "changed": save.changed,
        "fields": snapshot(entry),
    }
    writing.run(NEW, row)
