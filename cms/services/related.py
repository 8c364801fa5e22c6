"""Which posts resemble one another: worked out when one of them changes, by the worker.

A post's distinctive words ask the full-text index for candidates, as its tags do; an ordered list
of signals then scores each. What is public is asked when it is read.
"""

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select

from cms import writing
from cms.extensions import db
from cms.models import (
    Entry,
    Kind,
    Publication,
    PublicationCount,
    PublicationTerm,
    SimilarDue,
    SimilarPost,
)
from cms.models.publication import EVERY_ROW
from cms.reading import session_reader
from cms.services import folding, generation, search_terms
from cms.services.published import not_past
from cms.services.search import INDEX
from cms.services.search_terms import Part
from cms.services.similarity import SIGNALS, Text, named
from cms.services.sql import insert_into
from cms.services.sql_search import matches, relevance, text_of_hit

# Kept of each post: more than are shown, for some may be offline by then.
KEPT = 24
CANDIDATES = 40
# Of a post's words, how many are looked up, and how many ask.
PROBED, ASKING = 40, 12
# A word that so many texts have tells little; nobody counts further.
COMMON = 1000
SHORTEST = 4
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
            spreading.update(one[0] for one in [*before, *after])
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


# The id of a neighbour, its score, and the reasons.
Neighbour = tuple[str, float, list[str]]


def _known(post_id: str) -> list[Neighbour]:
    row = SimilarPost
    query = select(row.similar_id, row.score, row.reasons).where(row.post_id == post_id)
    return [tuple(one) for one in db.session.execute(query.order_by(row.position))]


def _keep(post_id: str, found: Sequence[Neighbour]) -> None:
    db.session.execute(delete(SimilarPost).where(SimilarPost.post_id == post_id))
    names = ("similar_id", "score", "reasons")
    rows = [
        {"post_id": post_id, "position": at} | dict(zip(names, one, strict=True))
        for at, one in enumerate(found)
    ]
    if rows:
        db.session.execute(insert(SimilarPost), rows)


def _find(post_id: str) -> list[Neighbour]:
    """The best neighbours of what is live, or else will be; ties by id."""
    here = select(Publication.id, Publication.locale).where(
        Publication.entry_id == post_id, not_past()
    )
    row = db.session.execute(here.order_by(Publication.visible_from).limit(1)).first()
    if row is None:
        return []
    one = _texts([row.id])[0]
    one.weights = _weights(one, row.locale)
    ids = {*_by_words(one, row.locale), *_by_tags(one, row.locale)} - {row.id}
    others = [other for other in _texts(sorted(ids)) if other.id != post_id]
    found = {other.id: scored for other in others if (scored := _scored(one, other))[2]}
    return sorted(found.values(), key=lambda scored: (-scored[1], scored[0]))[:KEPT]


def _scored(one: Text, other: Text) -> Neighbour:
    verdicts = [(weight, signal(one, other)) for signal, weight in SIGNALS]
    score = sum(weight * value for weight, (value, _) in verdicts)
    return other.id, round(min(score, 1.0), 4), [why for _, (_, told) in verdicts for why in told]


def _texts(ids: Sequence[int]) -> list[Text]:
    row, said = Publication, text_of_hit(Publication.id).label("text")
    query = select(row.id, row.entry_id, row.published_at, said)
    query = query.where(row.id.in_(ids)).order_by(row.id)
    found = {
        row.id: Text(row.entry_id, Counter(folding.words(row.text or "")), row.published_at)
        for row in db.session.execute(query)
    }
    mine = PublicationTerm.publication_id.in_(list(found))
    terms = select(PublicationTerm.publication_id, PublicationTerm.term).where(mine)
    for publication, term in db.session.execute(terms):
        found[publication].terms[term] = term.partition(":")[0]
    return list(found.values())


HOW_MANY = select(func.count()).select_from(
    select(INDEX.c.rowid).where(matches(INDEX, bindparam("asked"))).limit(COMMON).subquery()
)


def _weights(one: Text, locale: str) -> dict[str, float]:
    """The distinctive words of a text: tf-idf, where frequencies beyond `COMMON` are one."""
    known = [word for word in one.words if len(word) >= SHORTEST and not word.isdigit()]
    known.sort(key=lambda word: (-one.words[word] * len(word), word))
    every = max(2, _how_many_posts(locale))
    found, reader = {}, session_reader()
    for word in known[:PROBED]:
        ((texts,),) = reader.rows(HOW_MANY, {"asked": _asking([word], locale)})
        # A word that no other text has finds none.
        if 1 < texts < COMMON or every < COMMON < texts:
            found[word] = (1 + math.log(one.words[word])) * math.log(1 + every / texts)
    best = sorted(found, key=lambda word: (-found[word], word))[:ASKING]
    total = sum(found[word] for word in best)
    return {word: found[word] / total for word in best}


def _how_many_posts(locale: str) -> int:
    count = PublicationCount
    query = select(count.total).where(
        count.kind == Kind.POST, count.locale == locale, count.term == EVERY_ROW
    )
    return db.session.scalar(query) or 0


def _asking(words: Iterable[str], locale: str) -> str:
    sqlite = db.engine.dialect.name == "sqlite"
    spell = search_terms.for_sqlite if sqlite else search_terms.for_postgresql
    scopes = [search_terms.scope(Kind.POST, locale)]
    return (" OR " if sqlite else " | ").join(spell([Part((word,))], scopes) for word in words)


def _by_words(one: Text, locale: str) -> Iterable[int]:
    if not one.weights:
        return []
    asked: Any = bindparam("asked", _asking(one.weights, locale))
    newest = select(INDEX.c.rowid.label("id"), relevance(INDEX, asked).label("score")).where(
        matches(INDEX, asked)
    )
    hits = newest.order_by(INDEX.c.rowid.desc()).limit(COMMON).subquery()
    best = select(hits.c.id).order_by(hits.c.score.desc(), hits.c.id).limit(CANDIDATES)
    return db.session.scalars(best)


def _by_tags(one: Text, locale: str) -> Iterable[int]:
    """The newest posts of each tag."""
    for tag in sorted(named(one, "tag")):
        term = PublicationTerm
        rows = select(term.publication_id).where(
            term.term == tag, term.kind == Kind.POST, term.locale == locale
        )
        newest = rows.order_by(term.published_at.desc(), term.entry_id.desc()).limit(
            CANDIDATES // 2
        )
        yield from db.session.scalars(newest)
