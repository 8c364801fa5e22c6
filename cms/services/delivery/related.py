"""What to show under "Similar posts": the editor's picks, in order, then what was computed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from cms.models import Kind
from cms.reading import Row
from cms.services import published
from cms.services.delivery import cards, posts, statements
from cms.services.delivery.moment import Moment

DEFAULT_LIMIT = 6
NO_PUBLICATION = 0
# What a reason begins with that names no tag and no category.
WORD = "term:"

Card = dict[str, Any]
Relation = dict[str, Any]
Relate = Callable[[Row], Relation]


def of_post(moment: Moment, slug: str, *, limit: int) -> list[Card]:
    """The neighbours of a public post, best first. Raises Moved, NotFound."""
    row = moment.row(statements.post_and_thread(), slug=slug)
    if row is None:
        raise posts.gone_or_moved(moment, Kind.POST, slug)
    moment.held.add(f"post:{row[0]}")
    return _cards(moment, [row[1]], limit)[0]


def included(
    moment: Moment, _posts: Sequence[posts.Post], publications: Sequence[int]
) -> list[list[Card]]:
    """What `include=related` adds to each of some posts: as many statements for one as for all."""
    return _cards(moment, publications, DEFAULT_LIMIT)


def _cards(moment: Moment, publications: Sequence[int], limit: int) -> list[list[Card]]:
    """The first cards of each publication: whom a person chose, then what resembles it."""
    size, given = published.round_size(len(publications)), list(publications)
    values = published.padded("publication", given, NO_PUBLICATION)
    found: dict[int, list[tuple[Row, Relate]]] = {publication: [] for publication in publications}
    for statement, relate in ((statements.picked, _chosen), (statements.similar, _computed)):
        for row in moment.rows(statement(size), **values):
            found[row[-1]].append((row, relate))
    near = [found[publication][:limit] for publication in publications]
    # Whoever is near several is asked for once.
    known = cards.of(moment, [row for some in near for row, _ in some])
    made = {row[cards.ROW]: card for row, card in known}
    shown = [[_card(made, *one) for one in some if one[0][cards.ROW] in made] for some in near]
    _name(moment, [card["relation"] for some in shown for card in some])
    return shown


def _card(made: Mapping[int, bytes], row: Row, relate: Relate) -> Card:
    return orjson.loads(made[row[cards.ROW]]) | {"relation": relate(row)}


def _name(moment: Moment, relations: Sequence[Relation]) -> None:
    """Say what tags and categories are called now, also merged ones; what is gone is no reason."""
    known = {one: one for relation in relations for one in relation["reasons"]}
    ids = sorted(one.partition(":")[2] for one in known if not one.startswith(WORD))
    if ids:
        statement = statements.names_of_terms(published.round_size(len(ids)))
        slugs = dict(moment.rows(statement, **published.padded("term", ids)))
        for one in known:
            kind, _, term = one.partition(":")
            if not one.startswith(WORD):
                known[one] = f"{kind}:{slugs[term]}" if term in slugs else ""
    for relation in relations:
        names = (known[one] for one in relation["reasons"])
        relation["reasons"] = list(dict.fromkeys(filter(None, names)))


def _chosen(row: Row) -> Relation:
    # A person chose it: nothing was computed, and nothing ranks above it.
    return {"kind": "picked", "score": 1.0, "reasons": [], "note": row[-2]}


def _computed(row: Row) -> Relation:
    score, reasons = row[-3:-1]
    return {"kind": "computed", "score": score, "reasons": orjson.loads(reasons), "note": None}
