"""Which way a search goes, where a site is large: words that are everywhere, and filters that few
posts pass, are each slow to begin with.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.services import search_newest
from cms.services.delivery import common_words, lists, search_statements
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part

# What is looked through: the newest texts alone; all rows of one group of terms, by its place; or
# all texts, where the parts at some places are looked for in the texts that the others find.
Course = Sequence[int] | int | None
THE_NEWEST: Course = None
BY_INDEX: Course = []
# To list a row of a group takes so much of what it takes to look at it.
LISTING = 0.3


def courses(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Sequence[Sequence[str]]
) -> Iterator[Course]:
    """In the order in which to try them: the next is for who finds nothing."""
    if not common_words.is_large(moment):
        yield BY_INDEX
        return
    if groups:
        odds = _odds(moment, parts, kinds, groups)
        if moment.reader.is_sqlite and odds.by_group < odds.by_words:
            # PostgreSQL sees by its statistics where to begin.
            yield odds.place
            return
    if not groups or odds.of_newest >= search_statements.MOST_RANKED:
        yield THE_NEWEST
    yield common_words.everywhere(moment, parts, kinds)


class Odds(NamedTuple):
    """What is expected of words and of the smallest group, if they know nothing of each other.

    `hits` are those of the words among the newest texts, `rows` those of the group among `every`.
    """

    place: int
    hits: int
    rows: int
    every: int

    @property
    def of_newest(self) -> float:
        """How many of the newest texts have both."""
        return self.hits * self.rows / self.every

    @property
    def by_group(self) -> float:
        """How many rows of the group are looked at until there are enough hits."""
        needed = search_statements.MOST_RANKED * search_newest.SIZE / max(self.hits, 1)
        return self.rows * LISTING + min(self.rows, needed)

    @property
    def by_words(self) -> float:
        """How many hits are looked at until there are enough rows of the group."""
        needed = search_statements.MOST_RANKED * self.every / max(self.rows, 1)
        return min(self.hits * self.every / search_newest.SIZE, needed)


def _odds(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Sequence[Sequence[str]]
) -> Odds:
    terms = [EVERY_ROW, *{term for group in groups for term in group}]
    counts = [lists.counts(moment, kind, terms) for kind in kinds]
    sizes = [sum(count[term] for count in counts for term in group) for group in groups]
    place = sizes.index(min(sizes))
    odds = Odds(place, 0, sizes[place], max(sum(count[EVERY_ROW] for count in counts), 1))
    if moment.reader.is_sqlite:
        most = search_newest.SIZE
    else:
        # To count many takes PostgreSQL long: as many as the newest must have, if they can.
        most = odds.rows and search_statements.MOST_RANKED * odds.every // odds.rows + 1
    if not 0 < most <= search_newest.SIZE:
        return odds
    return odds._replace(hits=common_words.count_newest(moment, parts, kinds, most))
