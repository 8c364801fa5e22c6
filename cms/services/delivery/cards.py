"""Posts as lists show them, as finished JSON.

Most of a card is frozen; its tags, category, authors, image and review are looked up, which costs
more than all else that a list does, and is done only for cards that are not remembered.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from orjson import Fragment
from sqlalchemy import Integer, Select, select

from cms.kept_bytes import exact
from cms.models import Publication, Thread
from cms.reading import Row
from cms.services import media_addresses, published
from cms.services.delivery import columns
from cms.services.delivery.moment import Moment
from cms.services.published import among

# Where they are among `columns.CARD_STATE`; from the id of the row on, all is a card's state.
POST, GENERATION, ROW = range(3)
WIDTH = len(columns.CARD_STATE)

Post = dict[str, Any]


def of(moment: Moment, rows: Sequence[Row]) -> list[tuple[Row, bytes]]:
    """Rows that begin with `columns.CARD_STATE`, each with its card.

    Without those that are gone for good by now.
    """
    if not rows:
        return []
    moment.cards.learn(moment.reader, max(row[GENERATION] for row in rows))
    found = {row[POST]: moment.cards.get(row[POST], row[ROW:WIDTH]) for row in rows}
    moment.held.update([f"post:{post_id}" for post_id in found])
    missing = [row[ROW] for row in rows if found[row[POST]] is None]
    if missing:
        found |= _made(moment, missing)
    return [(row, card) for row in rows if (card := found[row[POST]]) is not None]


def _made(moment: Moment, publications: Sequence[int]) -> Mapping[str, bytes]:
    size, made = published.round_size(len(publications)), {}
    wanted = published.padded("publication", list(publications), 0)
    for row in moment.rows(whole(size), **wanted):
        made[row[POST]] = card = exact(orjson.dumps(_composed(moment, row)))
        moment.cards.keep(row[POST], row[ROW:WIDTH], row[GENERATION], card)
    return made


@cache
def whole(size: int) -> Select[Any]:
    """CARD_STATE and CARD_PARTS of rows by their ids."""
    query = select(*columns.CARD_STATE, *columns.CARD_PARTS)
    query = query.outerjoin(Thread, Thread.post_id == Publication.entry_id)
    # Not whether it still is public: the statement that found it has said so, and a post that is
    # published anew between the two would be missing.
    return query.where(among(Publication.id, "publication", size, Integer))


def _composed(moment: Moment, row: Row) -> Post:
    approved, is_open, translations = row[ROW + 1 : WIDTH]
    frozen, category, tags, authors, hero, review = row[WIDTH:]
    post = orjson.loads(frozen)
    post["url"] = moment.url(post)
    post["hero"] = media_addresses.picture(moment.config, orjson.loads(hero)) if hero else None
    post["category"] = Fragment(category) if category else None
    post["tags"], post["authors"] = Fragment(tags), Fragment(authors)
    post["review"] = _review(review) if review else None
    post["comments"] = {"open": bool(is_open), "count": approved or 0}
    post["translations"] = Fragment(translations)
    return post


def _review(text: str) -> dict[str, Any]:
    review = orjson.loads(text)
    return review | {"is_of_this_text": bool(review["is_of_this_text"])}
