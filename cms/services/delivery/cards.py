"""Posts as lists show them, as finished JSON.

Most of a card is frozen; its names and its review are looked up, and the whole is remembered.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Integer, Select, select

from cms.kept_bytes import exact
from cms.models import LinkKind, Publication, Thread
from cms.reading import Row
from cms.services import closing, published
from cms.services.delivery import columns, naming
from cms.services.delivery.moment import Moment
from cms.services.delivery.naming import NEVER, Named
from cms.services.published import among
from cms.services.sql import time_text

# Where they are among `columns.CARD_STATE`, and behind it among CARD_PARTS, and where those end.
POST, GENERATION, ROW, TRANSLATIONS = range(4)
WIDTH = len(columns.CARD_STATE)
SLUG, LOCALE, SUMMARY, NAMES, REVIEW, APPROVED, IS_OPEN = range(WIDTH, WIDTH + 7)
BEHIND = WIDTH + len(columns.CARD_PARTS)

# A change between two statements, of what a row names: both are asked again. It is seldom, and with
# names that are in memory by then, there is one statement alone.
TRIES = 5
NULL = b"null"
# The state of a card: the row, its translations, and until when its thread stays as open as it is.
UNKNOWN = ((None, None, ""), NULL)
# Put together as text: to read what is frozen, only to write it again, takes three times as long.
CARD = (
    b'%b,"url":%b,"hero":%b,"category":%b,"tags":[%b],"authors":[%b],"review":%b,'
    b'"comments":{"open":%b,"count":%d},"translations":%b}'
)


def of(moment: Moment, rows: Sequence[Row]) -> list[tuple[Row, bytes]]:
    """Rows that begin with `columns.CARD_STATE`, each with its card.

    Without those that are gone for good by now.
    """
    if not rows:
        return []
    moment.memory.learn(moment.reader, max([row[GENERATION] for row in rows]))
    keys, now = [f"post:{row[POST]}" for row in rows], moment.now
    moment.held.update(keys)
    kept = [moment.memory.get(key) or UNKNOWN for key in keys]
    found = [
        card if row_id == row[ROW] and translations == row[TRANSLATIONS] and now < until else None
        for row, ((row_id, translations, until), card) in zip(rows, kept, strict=True)
    ]
    if None in found:
        missing = [row[ROW] for row, card in zip(rows, found, strict=True) if card is None]
        made = _made(moment, missing)
        found = [card or made.get(row[ROW]) for row, card in zip(rows, found, strict=True)]
    return [(row, card) for row, card in zip(rows, found, strict=True) if card is not None]


def _made(moment: Moment, publications: Sequence[int]) -> Mapping[int, bytes]:
    """Cards by the ids of their rows, remembered from now on."""
    made = {}
    for row, named in zip(*_whole(moment, publications), strict=True):
        made[row[ROW]] = card = exact(composed(moment, row, named))
        # When time closes the thread, if it is open, and if it does.
        until = (row[IS_OPEN] and row[BEHIND]) or NEVER
        state = row[ROW], row[TRANSLATIONS], until
        moment.memory.keep(f"post:{row[POST]}", state, row[GENERATION], card)
    return made


def _whole(moment: Moment, publications: Sequence[int]) -> tuple[list[Row], list[Named]]:
    """`whole` of some rows, and what each names."""
    given = published.padded("publication", list(publications), 0)
    for _ in range(TRIES):
        rows = moment.rows(whole(published.round_size(len(publications))), **given)
        if not rows:
            return [], []
        generation = max([row[GENERATION] for row in rows])
        # These may be later than the rows that they are asked for.
        moment.memory.learn(moment.reader, generation)
        named, asked_at = naming.of(moment, [row[NAMES] for row in rows])
        if asked_at <= generation:
            break
    return rows, named


@cache
def whole(size: int) -> Select[Any]:
    """CARD_STATE and CARD_PARTS of rows by their ids, and when time closes the thread."""
    closes_at = time_text(closing.closes_at())
    query = select(*columns.CARD_STATE, *columns.CARD_PARTS, closes_at)
    query = query.outerjoin(Thread, Thread.post_id == Publication.entry_id)
    # Not whether it still is public: the statement that found it has said so, and a post that is
    # published anew between the two would be missing.
    return query.where(among(Publication.id, "publication", size, Integer))


def composed(moment: Moment, row: Row, named: Named) -> bytes:
    """A row that begins with `columns.CARD_STATE` and CARD_PARTS, as lists show it."""
    address = moment.url({"slug": row[SLUG], "locale": row[LOCALE]})
    return CARD % (
        # What is frozen, without its last brace.
        row[SUMMARY][:-1].encode(),
        orjson.dumps(address),
        first(named[LinkKind.HERO]),
        first(named[LinkKind.CATEGORY]),
        b",".join(named[LinkKind.TAG]),
        b",".join(named[LinkKind.AUTHOR]),
        _review(row[REVIEW]),
        b"true" if row[IS_OPEN] else b"false",
        row[APPROVED] or 0,
        row[TRANSLATIONS].encode(),
    )


def _review(text: str | None) -> bytes:
    if text is None:
        return NULL
    review = orjson.loads(text)
    return orjson.dumps(review | {"is_of_this_text": bool(review["is_of_this_text"])})


def first(found: Sequence[bytes]) -> bytes:
    return found[0] if found else NULL
