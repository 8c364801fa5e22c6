"""Schedules whose moment has come, where nobody else writes. Readers need none of this.

A text shows and goes at its time by itself; what follows from it (events, freed slugs, indexes
without what is past, similar posts to be looked for) is written by the next change of the entry, or
here.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select, union
from sqlalchemy.sql.expression import CompoundSelect

from cms.extensions import db
from cms.models import Entry, Publication
from cms.services import intervals, locks, slugs
from cms.services.batches import BATCH
from cms.services.published import not_past


def sweep(now: datetime) -> int:
    """Settle some entries of which something began or ended; answer how many."""
    locks.share_filing()
    entries = _held(union(_ended(now), _begun(now)))
    for entry in entries:
        intervals.settle(entry, now)
        db.session.flush()
        slugs.settle(entry, now)
    return len(entries)


def _held(due: CompoundSelect[tuple[str]]) -> Sequence[Entry]:
    """Who is changing one of them settles it, too: nobody waits, and each worker finds others."""
    query = select(Entry).where(Entry.id.in_(due)).order_by(Entry.id).limit(BATCH)
    held = query.with_for_update(of=Entry, skip_locked=True)
    return db.session.scalars(held, execution_options={"populate_existing": True}).all()


def _ended(now: datetime) -> Select[tuple[str]]:
    return select(Publication.entry_id).where(not_past(), Publication.visible_until <= now)


def _begun(now: datetime) -> Select[tuple[str]]:
    return select(Entry.id).where(Entry.waiting_from <= now)
