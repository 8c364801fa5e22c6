"""What to show under "Similar posts": the editor's picks, in order, while they are public."""

from typing import Any

import orjson

from cms.models import Kind
from cms.services import published
from cms.services.delivery import posts
from cms.services.delivery.moment import Moment
from cms.services.delivery.posts import Wish

DEFAULT_LIMIT = 6


def of_post(moment: Moment, slug: str, *, limit: int) -> list[dict[str, Any]]:
    """The neighbours of a public post, best first. Raises Moved, NotFound."""
    row = moment.row(published.post_id(), slug=slug)
    if row is None:
        raise posts.gone_or_moved(moment, Kind.POST, slug)
    return _picked(moment, orjson.loads(row[1]), limit)


def _picked(moment: Moment, links: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    ids = [pick["post_id"] for pick in links["related"]]
    if not ids:
        return []
    cards = published.cards(published.round_size(len(ids)))
    rows = moment.rows(cards, **published.padded("id", ids))
    by_id = {post["id"]: post for post in posts.summaries(moment, rows, Wish())}
    return [
        by_id[pick["post_id"]] | {"relation": _relation(pick["note"])}
        for pick in links["related"]
        if pick["post_id"] in by_id
    ][:limit]


def _relation(note: str | None) -> dict[str, Any]:
    # A person chose it: nothing was computed, and nothing ranks above it.
    return {"kind": "picked", "score": 1.0, "reasons": [], "note": note}


def included(moment: Moment, _post: dict[str, Any], links: dict[str, Any]) -> list[dict[str, Any]]:
    return _picked(moment, links, DEFAULT_LIMIT)


posts.INCLUDES["related"] = included
