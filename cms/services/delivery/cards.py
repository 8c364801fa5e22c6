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

from cms.models import Publication, Thread
from cms.reading import Row
from cms.services import media_addresses, published
from cms.services.delivery import columns
from cms.services.delivery.moment import Moment
from cms.services.published import among, is_public

WIDTH = len(columns.MARK)

Post = dict[str, Any]


def of(moment: Moment, rows: Sequence[Row]) -> list[tuple[Row, bytes]]:
    """Rows that begin with `columns.MARK`, each with its card; without what was just removed."""
    if not rows:
        return []
    moment.cards.learn(moment.reader, rows[0][2])
    found = {row[1]: moment.cards.get(row[1], (row[0], *row[3:WIDTH])) for row in rows}
    moment.held.update(f"post:{post_id}" for post_id in found)
    missing = [row[0] for row in rows if found[row[1]] is None]
    if missing:
        found |= _made(moment, missing)
    return [(row, card) for row in rows if (card := found[row[1]]) is not None]


def _made(moment: Moment, publications: Sequence[int]) -> Mapping[str, bytes]:
    size, made = published.round_size(len(publications)), {}
    wanted = published.padded("publication", list(publications), 0)
    for row in moment.rows(whole(size), **wanted):
        publication, post_id, generation, *others = row[:WIDTH]
        made[post_id] = card = orjson.dumps(_composed(moment, others, row[WIDTH:]))
        moment.cards.keep(post_id, (publication, *others), generation, card)
    return made


@cache
def whole(size: int) -> Select[Any]:
    """MARK, and what a card is made of, of those of some rows that are still public."""
    query = select(*columns.MARK, *columns.CARD)
    query = query.outerjoin(Thread, Thread.post_id == Publication.entry_id)
    return query.where(among(Publication.id, "publication", size, Integer), is_public())


def _composed(moment: Moment, others: Sequence[Any], made_of: Sequence[Any]) -> Post:
    approved, is_open, translations = others
    frozen, category, tags, authors, hero, review = made_of
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
