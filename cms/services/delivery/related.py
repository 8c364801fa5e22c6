"""What to show under "Similar posts": the editor's picks, in order, while they are public."""

from typing import Any

from cms.models import Kind
from cms.reading import Row
from cms.services import published
from cms.services.delivery import posts
from cms.services.delivery.moment import Moment

DEFAULT_LIMIT = 6


def of_post(moment: Moment, slug: str, *, limit: int) -> list[dict[str, Any]]:
    """The neighbours of a public post, best first. Raises Moved, NotFound."""
    row = moment.row(published.post_id(), slug=slug)
    if row is None:
        raise posts.gone_or_moved(moment, Kind.POST, slug)
    return _picked(moment, row[1], limit)


def _picked(moment: Moment, publication: int, limit: int) -> list[dict[str, Any]]:
    cards = moment.rows(published.cards(), publication=publication, limit=limit)
    return [_related(moment, card) for card in cards]


def _related(moment: Moment, card: Row) -> dict[str, Any]:
    # A person chose it: nothing was computed, and nothing ranks above it.
    relation = {"kind": "picked", "score": 1.0, "reasons": [], "note": card[-1]}
    return posts.summary(moment, card) | {"relation": relation}


def included(moment: Moment, _post: dict[str, Any], publication: int) -> list[dict[str, Any]]:
    return _picked(moment, publication, DEFAULT_LIMIT)


posts.INCLUDES["related"] = included
