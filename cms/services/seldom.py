"""Entries that few are like: found by an index of their own, before a list is walked.

Of a hundred thousand posts nearly all are public, unchanged, and of others' making. A list that is
walked in its order would look at all of them to find the rest. Each of these answers every entry
that a filter asks for, and perhaps some besides: the filter's own condition decides.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from cms.extensions import db
from cms.models import Entry, EntryWord, Kind, Status
from cms.services import entry_words

# One way to find them: what several statements find between them.
Way = list[Select[tuple[str]]]
# More than so many entries are not looked at one by one.
FEW = 500


def drafts(kind: Kind, _now: datetime) -> Way:
    never = (Entry.trashed_at.is_(None), Entry.live_from.is_(None), Entry.waiting_from.is_(None))
    return [_of(kind, *never)]


def scheduled(kind: Kind, now: datetime) -> Way:
    begins = _of(kind, Entry.trashed_at.is_(None), Entry.live_from > now)
    return [begins, _of(kind, Entry.waiting_from > now)]


def offline(kind: Kind, now: datetime) -> Way:
    return [_of(kind, Entry.live_until <= now), _of(kind, Entry.waiting_from <= now)]


def trashed(kind: Kind, _now: datetime) -> Way:
    return [_of(kind, Entry.trashed_at.is_not(None))]


def changed(kind: Kind) -> Way:
    # PostgreSQL would guess that most differ, and read the table; the order leads it to the index.
    differ = _of(kind, Entry.live_revision != Entry.revision).order_by(Entry.live_revision)
    return [differ, waiting(kind)]


def waiting(kind: Kind) -> Select[tuple[str]]:
    return _of(kind, Entry.waiting_from.is_not(None))


def planned(kind: Kind, start: datetime, end: datetime) -> Way:
    """Something of them begins, or is planned to end, in this time."""
    return [waiting(kind), _of(kind, Entry.live_ends_at >= start, Entry.live_ends_at < end)]


def made_by(kind: Kind, user_id: str) -> Way:
    return [_of(kind, Entry.created_by == user_id)]


# Most entries are public.
STATUSES: Mapping[Status, Callable[[Kind, datetime], Way]] = {
    Status.DRAFT: drafts,
    Status.SCHEDULED: scheduled,
    Status.OFFLINE: offline,
    Status.TRASHED: trashed,
}


def with_status(kind: Kind, statuses: Sequence[str], now: datetime) -> list[Way]:
    """No way where they include what most have."""
    if Status.PUBLISHED in statuses:
        return []
    return [list(chain.from_iterable(STATUSES[Status(one)](kind, now) for one in statuses))]


def with_word(kind: Kind, word: str) -> Way:
    # An entry comes again with each of its words that begins so: distinct, PostgreSQL reads all.
    row = EntryWord
    return [select(row.entry_id).where(row.kind == kind, entry_words.begins(word))]


def ids(way: Way) -> list[str] | None:
    """The ids that it finds; None where they are more than FEW."""
    known: set[str] = set()
    for part in way:
        found = db.session.scalars(part.limit(FEW + 1)).all()
        known.update(found)
        if len(found) > FEW or len(known) > FEW:
            return None
    return sorted(known)


def _of(kind: Kind, *conditions: ColumnElement[Any]) -> Select[tuple[str]]:
    # By the table: a select of the model would name its kind once more.
    return select(Entry.__table__.c.id).where(Entry.__table__.c.kind == kind, *conditions)
