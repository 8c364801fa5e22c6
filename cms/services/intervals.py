"""When each text of an entry is public: the only writer of `publications`.

At most one row is live and one waits. The caller holds the entry (`entries.lock`); no interval of
it meets another, and a row that ends is marked as past in the same write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, Kind, Publication
from cms.models.base import UtcDateTime
from cms.services import generation, keeping, outbox, related, revisions, search, terms, threads
from cms.services.asking import reader_at_hand
from cms.services.freezing import freeze, freeze_times_again
from cms.services.published import not_past
from cms.services.translations import shown_beside
from cms.times import FOREVER, MILLISECOND, format_time

# Made once: it is a part of every publishing.
PRESENT = (
    select(Publication)
    .where(Publication.entry_id == bindparam("entry_id"), not_past())
    .order_by(Publication.visible_from)
)
SEEN = PRESENT.with_only_columns(
    Publication.revision, Publication.visible_from, Publication.visible_until
)
_TIME = UtcDateTime()


@dataclass
class Standing:
    """The rows of an entry that are not past."""

    live: Publication | None
    waiting: Publication | None


class Seen(NamedTuple):
    """What a row shows, and when."""

    revision: int
    visible_from: datetime
    visible_until: datetime


def seen(entry: Entry) -> list[Seen]:
    """The rows of an entry that are not marked as past, in the order of time, to be read only."""
    rows = reader_at_hand().rows(SEEN, {"entry_id": entry.id}) if _was_ever_planned(entry) else []
    return [
        Seen(revision, *(_TIME.process_result_value(one, None) for one in times))
        for revision, *times in rows
    ]


def _was_ever_planned(entry: Entry) -> bool:
    """Whether anything of an entry was ever public, or will be."""
    return entry.live_from is not None or entry.waiting_from is not None


def _present(entry: Entry) -> Sequence[Publication]:
    if not _was_ever_planned(entry):
        return []
    return db.session.scalars(PRESENT, {"entry_id": entry.id}).all()


def settle(entry: Entry, now: datetime) -> Standing:
    """Write down what time has done: what has ended is past, and what has begun is live.

    Each of these is announced here and nowhere else: it is written once, by whoever comes first.
    """
    standing = Standing(None, None)
    for row in _present(entry):
        if row.visible_from == entry.waiting_from:
            if row.visible_from > now:
                standing.waiting = row
                continue
            _begin(entry, row, now)
        if row.visible_until > now:
            standing.live = row
        else:
            _end(entry, row, now)
    return standing


def show(
    entry: Entry, standing: Standing, now: datetime, *, published_at: datetime, ends: datetime
) -> Publication:
    """Freeze the working copy and show it from now on, until it ends or something waiting begins.

    Raises Conflict (`schedule_waiting`) when that begins at this very moment.
    """
    start = end_live(entry, standing, now)
    until = min(ends, entry.waiting_from or FOREVER)
    if until <= start:
        raise Conflict("What waits begins at this moment.", reason="schedule_waiting")
    row = _add(entry, published_at, start, until)
    _date(entry, start)
    entry.live_revision, entry.live_from, entry.live_until = entry.revision, start, until
    entry.live_ends_at = _planned(ends)
    entry.published_at = published_at
    standing.live = row
    return row


def wait(
    entry: Entry, standing: Standing, start: datetime, *, published_at: datetime, ends: datetime
) -> Publication:
    """Freeze the working copy, to be shown from `start` on in place of what is live then."""
    row = _add(entry, published_at, start, ends)
    entry.waiting_revision = entry.revision
    standing.waiting = row
    retime(entry, standing, start, ends)
    entry.published_at = entry.published_at or published_at
    return row


def retime(entry: Entry, standing: Standing, start: datetime, ends: datetime) -> None:
    """Move the row that waits. What is live gives way to it, neither sooner nor later."""
    row = standing.waiting
    if row.visible_from < start:
        _recall(row)
    row.visible_from, row.visible_until = start, ends
    entry.waiting_from, entry.waiting_until = start, ends
    _date(entry, start)
    _end_live_at(entry, standing, entry.live_ends_at or FOREVER)


def redate(row: Publication, published_at: datetime) -> None:
    """Change when a waiting row says that it was published; it is found by that, and by when it
    begins: so this comes behind `retime`, too."""
    terms.leave(row)
    freeze_times_again(row, published_at)
    db.session.flush()
    terms.enter(row)


def end_at(entry: Entry, standing: Standing, ends: datetime) -> None:
    """Change when the live row ends, or would if nothing waited."""
    entry.live_ends_at = _planned(ends)
    _end_live_at(entry, standing, ends)


def drop_waiting(entry: Entry, standing: Standing) -> Publication | None:
    """Forget what waits, as if it had never been; answer it."""
    row = standing.waiting
    if row is None:
        return None
    _recall(row)
    _hide(row)
    db.session.delete(row)
    entry.waiting_revision = entry.waiting_from = entry.waiting_until = None
    standing.waiting = None
    _end_live_at(entry, standing, entry.live_ends_at or FOREVER)
    _date(entry, None)
    if entry.live_from is None:
        entry.published_at = None
    db.session.flush()
    return row


def end_live(entry: Entry, standing: Standing, now: datetime) -> datetime:
    """Take down what is live; answer when the next row may start."""
    row = standing.live
    if row is None:
        return now
    # A row shows for a millisecond at least: intervals of one entry never meet in a point.
    row.visible_until = max(now, row.visible_from + MILLISECOND)
    entry.live_until, entry.live_ends_at = row.visible_until, None
    standing.live = None
    _leave(row)
    return row.visible_until


def _date(entry: Entry, first_shown: datetime | None) -> None:
    """A thread ages from when its post was first visible, or will be."""
    if entry.kind is Kind.POST and entry.live_from is None:
        threads.date(entry.id, first_shown)


def _begin(entry: Entry, row: Publication, now: datetime) -> None:
    """Let what waited be live, since its moment."""
    verb = "updated" if entry.live_until == row.visible_from else "published"
    entry.live_revision, entry.live_from = entry.waiting_revision, entry.waiting_from
    entry.live_until, entry.live_ends_at = entry.waiting_until, _planned(entry.waiting_until)
    entry.waiting_revision = entry.waiting_from = entry.waiting_until = None
    entry.published_at = row.published_at
    _announce(row, verb, row.visible_from, now)


def _end(entry: Entry, row: Publication, now: datetime) -> None:
    """Let what has ended be past, since its moment."""
    if row.visible_until != entry.waiting_from:
        _announce(row, "unpublished", row.visible_until, now)
    _leave(row)


def _announce(row: Publication, verb: str, at: datetime, now: datetime) -> None:
    names = {"id": row.entry_id, "slug": row.slug, "locale": row.locale}
    outbox.record(f"{row.kind}.{verb}", now, **names, at=format_time(at))
    if row.kind is Kind.POST:
        related.due([row.entry_id], spreads=True)


def _end_live_at(entry: Entry, standing: Standing, ends: datetime) -> None:
    if standing.live is not None:
        until = min(ends, entry.waiting_from or FOREVER)
        standing.live.visible_until = entry.live_until = until


def _add(entry: Entry, published_at: datetime, start: datetime, ends: datetime) -> Publication:
    row, said = freeze(entry, published_at=published_at, visible_from=start)
    row.visible_until = ends
    # What it takes the place of goes first.
    db.session.flush()
    keeping.write(row)
    search.enter(row, found_by := terms.enter(row), said)
    # A file that nothing showed may have changed meanwhile, which was no public change.
    generation.touch(*(term for term in found_by if term.startswith("media:")))
    revisions.keep(entry, entry.revision)
    return row


def _leave(row: Publication) -> None:
    row.past = True
    # What ended by the clock is in no log, and is looked for only among what is not past.
    generation.touch(f"{row.kind}:{row.entry_id}", f"list:{row.kind}")
    _hide(row)


def _recall(row: Publication) -> None:
    """A row that waits is not to begin at its time, which may come before this is committed."""
    beside = {f"{row.kind}:{one}" for one in shown_beside(row.entry_id)}
    gone = generation.gone(row.kind, row.entry_id, [row.locale])
    generation.recall(row.visible_from, gone | beside)


def _hide(row: Publication) -> None:
    terms.leave(row)
    search.leave(row)


def _planned(ends: datetime) -> datetime | None:
    return None if ends >= FOREVER else ends
