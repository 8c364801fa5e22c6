"""What to show under "Similar posts": the editor's picks, in order, while they are public."""

from collections.abc import Sequence
from typing import Any

from cms.models import Kind
from cms.reading import Row
from cms.services import published
from cms.services.delivery import posts, statements
from cms.services.delivery.moment import Moment

DEFAULT_LIMIT = 6
NO_PUBLICATION = 0

Card = dict[str, Any]


def of_post(moment: Moment, slug: str, *, limit: int) -> list[Card]:
    """The neighbours of a public post, best first. Raises Moved, NotFound."""
    row = moment.row(statements.post_and_thread(), slug=slug)
    if row is None:
        raise posts.gone_or_moved(moment, Kind.POST, slug)
    return _picked(moment, [row[1]], limit)[0]


def included(
    moment: Moment, _posts: Sequence[posts.Post], publications: Sequence[int]
) -> list[list[Card]]:
    """What `include=related` adds to each of some posts: one statement for all."""
    return _picked(moment, publications, DEFAULT_LIMIT)


def _picked(moment: Moment, publications: Sequence[int], limit: int) -> list[list[Card]]:
    """The first cards of each publication."""
    statement = statements.cards(published.round_size(len(publications)))
    rows = moment.rows(statement, **published.padded("publication", publications, NO_PUBLICATION))
    found: dict[int, list[Row]] = {publication: [] for publication in publications}
    for row in rows:
        found[row[-1]].append(row)
    return [[_related(moment, row) for row in found[one][:limit]] for one in publications]


def _related(moment: Moment, row: Row) -> Card:
    # A person chose it: nothing was computed, and nothing ranks above it.
    relation = {"kind": "picked", "score": 1.0, "reasons": [], "note": row[-2]}
    return posts.summary(moment, row) | {"relation": relation}
