"""Which way a search goes, where a site is large: by how many of the newest texts have all that is
asked for.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.services import search_newest
from cms.services.delivery import (
    common_words,
    endings,
    filed_terms,
    large_sites,
    search_statements,
    totals,
)
from cms.services.delivery.expressions import Wanted
from cms.services.delivery.moment import Moment
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


# How many terms of a filter the index is asked for.
MOST_TERMS = 4
# Recent are so many times the texts that are expected to have enough hits, then more.
MARGIN, MORE = 1.3, 4


def wanted_of(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], groups: Groups
) -> Wanted:
    """The index is asked for filters, as far as they have few terms: to weigh words, SQLite counts
    the texts of each.
    """
    filed = [one for one in filed_terms.known(moment, groups) if len(one) <= MOST_TERMS]
    return Wanted(parts, kinds, filed, endings.known(moment, parts, kinds))


def courses(moment: Moment, wanted: Wanted, groups: Groups = ()) -> Iterator[Course]:
    """In the order in which to try them: the next is for who finds nothing."""
    if not large_sites.is_large(moment):
        yield Course(Way.ALL)
        return
    if groups and not _smallest(moment, wanted, groups):
        yield Course(Way.NOWHERE)
        return
    hits = _count_newest(moment, wanted) if groups else None
    # Without filters they mostly are enough, and say so by themselves.
    if hits is None or hits >= search_statements.MOST_RANKED:
        yield Course(Way.NEWEST)
    places = common_words.everywhere(moment, wanted)
    if not moment.reader.is_sqlite:
        # It reads each hit that it gathers: where there are many, none but those of recent texts.
        hits = _count_newest(moment, wanted) if hits is None else hits
        for since in _recent(moment, wanted, hits):
            yield Course(Way.RECENT, places, since)
    yield Course(Way.ALL, places)


def _count_newest(moment: Moment, wanted: Wanted) -> int:
    return common_words.count_newest(moment, wanted, search_statements.MOST_RANKED)


def _smallest(moment: Moment, wanted: Wanted, groups: Groups) -> int:
    """How many public rows the smallest group has: how long a search takes tells of no other."""
    counts = [totals.counts(moment, kind, [*chain(*groups)]) for kind in wanted.kinds]
    return min(sum(count[term] for count in counts for term in group) for group in groups)


def _recent(moment: Moment, wanted: Wanted, hits: int) -> Iterator[int]:
    """Where recent texts begin that are likely to have enough hits, if so many of the newest are;
    nothing, where those would be most of all.
    """
    if not hits:
        return
    every = sum(totals.about(moment, kind, [EVERY_ROW])[EVERY_ROW] for kind in wanted.kinds)
    last = large_sites.last(moment) or 0
    texts = search_statements.MOST_RANKED * search_newest.SIZE / hits * MARGIN
    while 2 * texts < every:
        yield max(round(last - texts * last / every), 0)
        texts *= MORE
