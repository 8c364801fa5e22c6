"""What readers looked for and did not find, for editors: FAQs to write.

Only the folded words, a day and a count; nothing that may be about somebody, and nothing that was
not looked for several times.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Subquery, and_, delete, func, literal, or_, select, tuple_

from cms.actor import Actor
from cms.extensions import db
from cms.models import SearchMiss
from cms.permissions import Action, require
from cms.services import clock, cursors, folding
from cms.services.cursors import Page
from cms.services.sql import insert_into

LONGEST, LONGEST_WORD = 100, 30
# A telephone number has more, and so has a date of birth.
MOST_DIGITS = 5
# Of an address, of mail or of a page.
SIGNS = ("@", "://")
KEPT_DAYS = 90
# New ones of a day: whoever makes queries up fills a day, and no disk.
MOST_A_DAY = 1000
SHOWN_FROM = 3
STATS_DAYS = 30

# Locale and query.
Miss = tuple[str, str]


def words_of(text: str) -> str | None:
    """The words to count; None where there are none, and where they may be about somebody."""
    words = folding.words(text)
    query = " ".join(words)
    signs = unicodedata.normalize("NFKC", text)
    doubts = (
        len(query) > LONGEST,
        any(len(word) > LONGEST_WORD for word in words),
        any(sign in signs for sign in SIGNS),
        sum(letter.isdigit() for letter in query) > MOST_DIGITS,
    )
    return query if query and not any(doubts) else None


def add(counted: Mapping[Miss, int], day: date) -> None:
    """Add to the counts of a day. Once it is full, only what it has already is counted on."""
    row = SearchMiss
    room = MOST_A_DAY - (db.session.scalar(select(func.count()).where(row.day == day)) or 0)
    asked = row.query.in_([query for _, query in counted])
    there = {
        tuple(one)
        for one in db.session.execute(select(row.locale, row.query).where(row.day == day, asked))
    }
    new = [miss for miss in sorted(counted) if miss not in there][: max(0, room)]
    # In order, so that no two processes wait for each other.
    rows = [
        {"day": day, "locale": locale, "query": query, "count": counted[locale, query]}
        for locale, query in sorted({*new, *(there & set(counted))})
    ]
    if rows:
        statement = insert_into(row)
        total = {"count": row.count + statement.excluded.count}
        keys = ["day", "locale", "query"]
        db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=total), rows)


def find(actor: Actor, *, days: int, limit: int, cursor: str | None, total: bool) -> Page:
    """What was looked for in the last days, most often first. Raises Forbidden, Malformed."""
    require(actor, Action.CONTENT_READ)
    scope, asked = cursors.scope("searches", {"days": days}), _asked(days)
    row = asked.c
    query = select(asked).order_by(row.count.desc(), row.query, row.locale).limit(limit + 1)
    if cursor is not None:
        count, *names = cursors.decode(scope, cursor)
        beyond = tuple_(row.query, row.locale) > tuple_(*map(literal, names))
        query = query.where(or_(row.count < count, and_(row.count == count, beyond)))
    found = [dict(one) for one in db.session.execute(query).mappings()]
    page, following = found[:limit], None
    if len(found) > limit:
        following = cursors.encode(scope, [page[-1][name] for name in ("count", "query", "locale")])
    return Page(page, following, _count(asked) if total else None)


def count_shown() -> int:
    """How many searches of the last 30 days found nothing, each as often as it is shown."""
    return _count(_asked(STATS_DAYS))


def sweep(now: datetime) -> int:
    """A worker's step: forget the oldest day that was kept long enough; answer how many rows."""
    row = SearchMiss
    day = db.session.scalar(
        select(func.min(row.day)).where(row.day < now.date() - timedelta(days=KEPT_DAYS))
    )
    return db.session.execute(delete(row).where(row.day == day)).rowcount if day else 0


def _asked(days: int) -> Subquery:
    row = SearchMiss
    since = clock.reading_now().date() - timedelta(days=days)
    often = func.sum(row.count)
    query = (
        select(row.query, row.locale, often.label("count"), func.max(row.day).label("last_on"))
        .where(row.day > since)
        .group_by(row.query, row.locale)
        .having(often >= SHOWN_FROM)
    )
    return query.subquery()


def _count(asked: Subquery) -> Any:
    return db.session.scalar(select(func.count()).select_from(asked))
