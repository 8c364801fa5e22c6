"""Which posts resemble one another: worked out when one of them changes, by the worker.

A post's distinctive words, its tags and its category find candidates (`similar_texts`); an ordered
list of signals then scores each. Whether a neighbour is public, and the reasons still true, is
asked when it is read.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, select

from cms import writing
from cms.extensions import db
from cms.models import Entry, SimilarDue, SimilarPost
from cms.services import clock, generation, similar_texts
from cms.services.public_words import Here
from cms.services.similarity import SIGNALS, Text
from cms.services.sql import insert_into

# Kept of each post: more than are shown, for some may be offline by then.
KEPT = 24
# Of those that name a post, how many are looked at after it.
NAMING = 100
# How many posts one transaction takes, and after how many seconds it takes no further one: SQLite
# has one writer.
BATCH, SECONDS = 10, 0.1


def due(post_ids: Iterable[str], *, spreads: bool) -> None:
    """Have the worker look for the neighbours of these posts."""
    rows = [{"post_id": one, "spreads": spreads} for one in sorted(set(post_ids))]
    if rows:
        writing.run(_queued(db.engine.dialect.name, spreads), *rows)


@cache
def _queued(_dialect: str, spreads: bool) -> Any:
    new = insert_into(SimilarDue.__table__)
    if not spreads:
        return new.on_conflict_do_nothing()
    return new.on_conflict_do_update(
        index_elements=["post_id"], set_={"spreads": new.excluded.spreads}
    )


def refresh(_now: datetime) -> int:
    """A worker's step: find the neighbours of some posts that are due, and that nobody holds."""
    ends, done = time.monotonic() + SECONDS, []
    spreading: set[str] = set()
    for row in _taken():
        if done and time.monotonic() > ends:
            break
        done.append(row.post_id)
        before, after = _known(row.post_id), _find(row.post_id)
        if before != after:
            _keep(row.post_id, after)
            generation.touch(f"post:{row.post_id}")
        if row.spreads:
            spreading.update(one.similar_id for one in [*before, *after])
            spreading.update(_naming(row.post_id))
    # At once and in order, so that no two workers wait for each other.
    due(_held(select(Entry.id).where(Entry.id.in_(spreading))), spreads=False)
    db.session.execute(delete(SimilarDue).where(SimilarDue.post_id.in_(done)))
    return len(done)


def _taken() -> Sequence[SimilarDue]:
    """Rows of the queue, for us alone."""
    # Some more than are taken, for those that other workers have.
    queue = select(Entry.id).join(SimilarDue, SimilarDue.post_id == Entry.id).order_by(Entry.id)
    held = _held(queue.limit(BATCH * 4))
    rows = select(SimilarDue).where(SimilarDue.post_id.in_(held)).order_by(SimilarDue.post_id)
    return db.session.scalars(rows.limit(BATCH).with_for_update(skip_locked=True)).all()


def _held(entries: Select[Any]) -> Sequence[str]:
    """Those that nobody is changing, kept so: a publisher holds the entry, and then queues it.

    Who holds the queue's row and waits for the entry would meet a publisher who waits for the row.
    What is left out is queued by who changes it.
    """
    lock = entries.with_for_update(of=Entry, read=True, key_share=True, skip_locked=True)
    return db.session.scalars(lock).all()


class Neighbour(NamedTuple):
    """A row of `SimilarPost`, but for whose it is and its place."""

    similar_id: str
    score: float
    reasons: list[str]
    publication_id: int | None
    similar_publication_id: int | None


_KNOWN = (
    select(*(getattr(SimilarPost, name) for name in Neighbour._fields))
    .where(SimilarPost.post_id == bindparam("post"))
    .order_by(SimilarPost.position)
)


def _known(post_id: str) -> list[Neighbour]:
    return [Neighbour(*one) for one in db.session.execute(_KNOWN, {"post": post_id})]


def _naming(post_id: str) -> Iterable[str]:
    """Whose neighbour a post is: those that it resembles most, for some are named by thousands."""
    row = SimilarPost
    query = select(row.post_id).where(row.similar_id == post_id)
    return db.session.scalars(query.order_by(row.score.desc(), row.post_id).limit(NAMING))


def _keep(post_id: str, found: Sequence[Neighbour]) -> None:
    db.session.execute(delete(SimilarPost).where(SimilarPost.post_id == post_id))
    rows = [{"post_id": post_id, "position": at} | one._asdict() for at, one in enumerate(found)]
    if rows:
        db.session.execute(insert(SimilarPost), rows)


def _find(post_id: str) -> list[Neighbour]:
    """The best neighbours of what is public now; ties by id."""
    # Asked once the post is held: what was published of it before has begun.
    now = clock.now()
    row = similar_texts.public_row(post_id, now)
    if row is None:
        return []
    publication, here = row[0], Here(row[1], now)
    (one,) = similar_texts.read([publication])
    one.weights = similar_texts.weights(one, here)
    others = similar_texts.read(similar_texts.candidates(one, here))
    found = [scored for other in others if (scored := _scored(one, other)).reasons]
    return sorted(found, key=lambda one: (-one.score, one.similar_id))[:KEPT]


def _scored(one: Text, other: Text) -> Neighbour:
    verdicts = [(weight, signal(one, other)) for signal, weight in SIGNALS]
    score = sum(weight * value for weight, (value, _) in verdicts)
    reasons = [why for _, (_, told) in verdicts for why in told]
    return Neighbour(
        other.id, round(min(score, 1.0), 4), reasons, one.publication, other.publication
    )
