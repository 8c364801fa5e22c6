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
from cms.services import published
from cms.services.delivery import columns, names
from cms.services.delivery.moment import Moment
from cms.services.delivery.names import Named
from cms.services.published import among

# Where they are among `columns.CARD_STATE`; from the id of the row on, all is a card's state.
POST, GENERATION, ROW = range(3)
WIDTH = len(columns.CARD_STATE)
# Where they are behind it, among `columns.CARD_PARTS`, and where those end.
SLUG, LOCALE, SUMMARY, NAMES, REVIEW = range(WIDTH, WIDTH + 5)
WHOLE = WIDTH + len(columns.CARD_PARTS)

NULL = b"null"
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
    moment.memory.learn(moment.reader, max(row[GENERATION] for row in rows))
    found = {row[POST]: _remembered(moment, row) for row in rows}
    moment.held.update([f"post:{post_id}" for post_id in found])
    missing = [row[ROW] for row in rows if found[row[POST]] is None]
    if missing:
        found |= _made(moment, missing)
    return [(row, card) for row in rows if (card := found[row[POST]]) is not None]


def _remembered(moment: Moment, row: Row) -> bytes | None:
    found = moment.memory.get(f"post:{row[POST]}")
    return found[1] if found and found[0] == row[ROW:WIDTH] else None


def _made(moment: Moment, publications: Sequence[int]) -> Mapping[str, bytes]:
    size, made = published.round_size(len(publications)), {}
    rows = moment.rows(whole(size), **published.padded("publication", list(publications), 0))
    for row, named in zip(rows, names.of(moment, [row[NAMES] for row in rows]), strict=True):
        made[row[POST]] = card = exact(composed(moment, row, named))
        moment.memory.keep(f"post:{row[POST]}", row[ROW:WIDTH], row[GENERATION], card)
    return made


@cache
def whole(size: int) -> Select[Any]:
    """CARD_STATE and CARD_PARTS of rows by their ids."""
    query = select(*columns.CARD_STATE, *columns.CARD_PARTS)
    query = query.outerjoin(Thread, Thread.post_id == Publication.entry_id)
    # Not whether it still is public: the statement that found it has said so, and a post that is
    # published anew between the two would be missing.
    return query.where(among(Publication.id, "publication", size, Integer))


def composed(moment: Moment, row: Row, named: Named) -> bytes:
    """A row that begins with `columns.CARD_STATE` and CARD_PARTS, as lists show it."""
    approved, is_open, translations = row[ROW + 1 : WIDTH]
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
        b"true" if is_open else b"false",
        approved or 0,
        translations.encode(),
    )


def _review(text: str | None) -> bytes:
    if text is None:
        return NULL
    review = orjson.loads(text)
    return orjson.dumps(review | {"is_of_this_text": bool(review["is_of_this_text"])})


def first(found: Sequence[bytes]) -> bytes:
    return found[0] if found else NULL
