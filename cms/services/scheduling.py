"""Change the times of what is public or will be, never its text."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from cms.actor import Actor
from cms.errors import Conflict
from cms.models import Entry, Publication
from cms.services import intervals
from cms.services.intervals import Standing
from cms.services.publishing import Plan, announce, check_times, held
from cms.times import FOREVER

E = TypeVar("E", bound=Entry)
Times = Mapping[str, datetime | None]


def reschedule(actor: Actor, model: type[E], entry_id: str, version: int | None, times: Times) -> E:
    """Change when what waits begins (`publish_at`), and when the last text ends (`unpublish_at`).

    A null `unpublish_at` clears it. Times that are so already change nothing. Raises Conflict
    (`nothing_scheduled`), Invalid.
    """
    entry, now = held(actor, model, entry_id, version)
    standing = intervals.settle(entry, now)
    if standing.waiting is not None:
        changes = _move_waiting(entry, standing, times, now)
    elif standing.live is not None and "publish_at" not in times:
        changes = _end_live(entry, standing, times, now)
    else:
        raise Conflict("Nothing waits for its time.", reason="nothing_scheduled")
    if changes:
        announce(actor, entry, "rescheduled", now)
    return entry


def cancel(
    actor: Actor, model: type[E], entry_id: str, version: int | None
) -> tuple[E, Publication | None]:
    """Drop what waits; what is live goes on. Where nothing waits, nothing changes."""
    entry, now = held(actor, model, entry_id, version)
    row = intervals.drop_waiting(entry, intervals.settle(entry, now))
    if row is not None:
        announce(actor, entry, "schedule_cancelled", now)
    return entry, row


def _move_waiting(entry: Entry, standing: Standing, times: Times, now: datetime) -> bool:
    row = standing.waiting
    start = times.get("publish_at") or row.visible_from
    ends = times.get("unpublish_at", row.visible_until) or FOREVER
    check_times(Plan(publish_at=start, unpublish_at=ends), now)
    if (start, ends) == (row.visible_from, row.visible_until):
        return False
    published_at = start if row.published_at == row.visible_from else row.published_at
    intervals.retime(entry, standing, start, ends)
    intervals.redate(row, published_at)
    if entry.live_from is None:
        entry.published_at = published_at
    return True


def _end_live(entry: Entry, standing: Standing, times: Times, now: datetime) -> bool:
    ends = times.get("unpublish_at") or FOREVER
    check_times(Plan(unpublish_at=ends), now)
    if ends == (entry.live_ends_at or FOREVER):
        return False
    intervals.end_at(entry, standing, ends)
    return True
