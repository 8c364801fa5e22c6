"""Which way a search goes, where a site is large: words that are everywhere, and filters that few
posts pass, are each slow to begin with.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.services import search_newest, search_terms
from cms.services.delivery import common_words, filed_terms, search_statements, totals
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Words
from cms.services.search_terms import Groups, Part


class Way(StrEnum):
    """What is looked through."""

    # All texts, by the index.
    ALL = "all"
    # The newest texts alone.
    NEWEST = "newest"
    # As many of the newest as are likely to have enough hits, by the index; on PostgreSQL.
    RECENT = "recent"
    # Nothing: no post passes a filter.
    NOWHERE = "nowhere"


class Course(NamedTuple):
    """`places` are those of the parts that are not asked of the index, but looked for in the texts
    that the others find. `since` is the first publication that is recent.
    """

    way: Way
    places: Sequence[int] = ()
    since: int = 0


class Wanted(NamedTuple):
    """Words in texts of some kinds, behind filters: any term of each group, of every group. The
    index is asked for those groups that are `filed`.
    """

    parts: Sequence[Part]
    kinds: Sequence[Kind]
    groups: Groups = ()
    filed: Groups = ()


# Recent are so many times the texts that are expected to have enough hits, then more.
MARGIN, MORE = 1.3, 4


def wanted(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Groups) -> Wanted:
    return Wanted(parts, kinds, groups, filed_terms.known(moment, groups))


def courses(moment: Moment, wanted: Wanted) -> Iterator[Course]:
    """In the order in which to try them: the next is for who finds nothing."""
    if not common_words.is_large(moment):
        yield Course(Way.ALL)
        return
    if wanted.groups and not _smallest(moment, wanted):
        yield Course(Way.NOWHERE)
        return
    hits = _count_newest(moment, wanted) if wanted.groups else None
    # Without filters they mostly are enough, and say so by themselves.
    if hits is None or hits >= search_statements.MOST_RANKED:
        yield Course(Way.NEWEST)
    places = common_words.everywhere(moment, wanted.parts, wanted.kinds, wanted.filed)
    if not moment.reader.is_sqlite:
        # It reads each hit that it gathers: where there are many, none but those of recent texts.
        hits = _count_newest(moment, wanted) if hits is None else hits
        for since in _recent(moment, wanted, hits):
            yield Course(Way.RECENT, places, since)
    yield Course(Way.ALL, places)


def _count_newest(moment: Moment, wanted: Wanted) -> int:
    parts, kinds, _, filed = wanted
    most = search_statements.MOST_RANKED
    return common_words.count_newest(moment, parts, kinds, most, filed)


def _smallest(moment: Moment, wanted: Wanted) -> int:
    """How many rows the smallest group has, live or waiting."""
    rows = _rows(moment, wanted, [*chain(*wanted.groups)])
    return min(sum(rows[term] for term in group) for group in wanted.groups)


def _rows(moment: Moment, wanted: Wanted, terms: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for kind in wanted.kinds:
        found += totals.about(moment, kind, terms)
    return found


def _recent(moment: Moment, wanted: Wanted, hits: int) -> Iterator[int]:
    """Where recent texts begin that are likely to have enough hits, if so many of the newest are;
    nothing, where those would be most of all.
    """
    if not hits:
        return
    every = _rows(moment, wanted, [EVERY_ROW])[EVERY_ROW]
    last = common_words.last(moment) or 0
    texts = search_statements.MOST_RANKED * search_newest.SIZE / hits * MARGIN
    while 2 * texts < every:
        yield max(round(last - texts * last / every), 0)
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
