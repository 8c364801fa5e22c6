"""Which way a search goes, where a site is large: words that are everywhere, and filters that few
posts pass, are each slow to begin with.
"""

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.services import search_newest, search_terms
from cms.services.delivery import common_words, search_statements, totals
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Words
from cms.services.search_terms import Part


class Way(StrEnum):
    """What is looked through."""

    # All texts, by the index.
    ALL = "all"
    # The newest texts alone.
    NEWEST = "newest"
    # As many of the newest as are likely to have enough hits, by the index; on PostgreSQL.
    RECENT = "recent"
    # The rows of one group of terms.
    GROUP = "group"
    # Nothing: no post passes a filter.
    NOWHERE = "nowhere"


class Course(NamedTuple):
    """`places` are those of the parts that are not asked of the index, but looked for in the texts
    that the others find. `group` is the place of the group whose rows are looked through, `since`
    the first publication that is recent.
    """

    way: Way
    places: Sequence[int] = ()
    group: int = 0
    since: int = 0


# To list a row of a group takes so much of what it takes to look at it.
LISTING = 0.3
# Recent are so many times the texts that are expected to have enough hits, then more.
MARGIN, MORE = 1.3, 4


def courses(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Sequence[Sequence[str]]
) -> Iterator[Course]:
    """In the order in which to try them: the next is for who finds nothing."""
    if not common_words.is_large(moment):
        yield Course(Way.ALL)
        return
    along = _on_sqlite if moment.reader.is_sqlite else _on_postgresql
    yield from along(moment, parts, kinds, groups)


def _on_sqlite(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Sequence[Sequence[str]]
) -> Iterator[Course]:
    if groups:
        odds = _odds(moment, parts, kinds, groups)
        if not odds.rows:
            yield Course(Way.NOWHERE)
            return
        if odds.by_group < odds.by_words:
            yield Course(Way.GROUP, group=odds.place)
            return
    if not groups or odds.of_newest >= search_statements.MOST_RANKED:
        yield Course(Way.NEWEST)
    yield Course(Way.ALL, common_words.everywhere(moment, parts, kinds))


def _on_postgresql(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Sequence[Sequence[str]]
) -> Iterator[Course]:
    """It reads each hit that it gathers: where there are many, none but those of recent texts."""
    if not groups:
        yield Course(Way.NEWEST)
    odds = _odds(moment, parts, kinds, groups)
    if not odds.rows:
        yield Course(Way.NOWHERE)
        return
    if groups and odds.of_newest >= search_statements.MOST_RANKED:
        yield Course(Way.NEWEST)
    places = common_words.everywhere(moment, parts, kinds)
    for since in _recent(moment, odds):
        yield Course(Way.RECENT, places, since=since)
    yield Course(Way.ALL, places)


def _recent(moment: Moment, odds: "Odds") -> Iterator[int]:
    """Where recent texts begin; nothing, where those would be most of all."""
    texts = odds.needed * MARGIN
    if 2 * texts < odds.every:
        last = common_words.last(moment) or 0
    while 2 * texts < odds.every:
        yield max(round(last - texts * last / odds.every), 0)
        texts *= MORE


def narrowing(moment: Moment, text: str, kind: Kind) -> Words:
    """For a list of one kind. Raises Malformed for too many words."""
    parts = search_terms.parse(text)
    if not parts:
        return Words()
    whole = common_words.expression(moment, parts, [kind])
    if not common_words.is_large(moment):
        return Words(whole, whole)
    if common_words.are_often(moment, parts, [kind]):
        # A list is read in its order, and each row is asked for the words.
        return Words(whole, told=common_words.told(moment, parts, [kind]))
    asked, told = common_words.ways(parts, common_words.everywhere(moment, parts, [kind]))
    by_index = common_words.expression(moment, asked, [kind])
    said = common_words.told(moment, told, [kind]) if told else ""
    return Words(whole, by_index, said, are_few=not moment.reader.is_sqlite)


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
    def needed(self) -> float:
        """How many of the newest texts have enough hits that are rows of the group."""
        both = self.hits * self.rows
        enough = search_statements.MOST_RANKED * search_newest.SIZE * self.every
        return enough / both if both else math.inf

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
    counts = [totals.counts(moment, kind, terms) for kind in kinds]
    every = sum(count[EVERY_ROW] for count in counts)
    sizes = [sum(count[term] for count in counts for term in group) for group in groups] or [every]
    place = sizes.index(min(sizes))
    odds = Odds(place, 0, sizes[place], max(every, 1))
    if not odds.rows:
        return odds
    most = search_newest.SIZE if moment.reader.is_sqlite else _most_counted(odds)
    return odds._replace(hits=common_words.count_newest(moment, parts, kinds, most))


def _most_counted(odds: Odds) -> int:
    """To count many takes PostgreSQL long: as many as the newest must have, if they can."""
    enough = search_statements.MOST_RANKED * odds.every // odds.rows + 1
    return enough if enough <= search_newest.SIZE else search_newest.SIZE // 4
