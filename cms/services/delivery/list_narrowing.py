"""What a list asks of the full-text index: its words, and filters that many posts pass and few
together.
"""

import time
from collections.abc import Hashable
from math import isqrt
from weakref import WeakKeyDictionary

from cms.models import Kind
from cms.reading import Reader
from cms.services import search_terms
from cms.services.delivery import (
    common_words,
    endings,
    expressions,
    filed_terms,
    large_sites,
    list_bounds,
    list_words,
)
from cms.services.delivery.expressions import Wanted
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Question, Words
from cms.services.search_terms import Groups

# For how many seconds it is believed of how many filters whether many rows pass them.
BELIEVED, MOST_BELIEVED = 60.0, 500
_known: WeakKeyDictionary[Reader, dict[Hashable, tuple[bool, float]]] = WeakKeyDictionary()


def by_words(moment: Moment, text: str | None, kind: Kind, groups: Groups = ()) -> Words | None:
    """For a list of one kind, behind filters; None without a text. Raises Malformed for too many
    words.
    """
    if text is None:
        return None
    parts = search_terms.parse(text)
    if not parts:
        return Words()
    whole = expressions.of(moment, Wanted(parts, [kind]))
    if not large_sites.is_large(moment):
        return Words(whole, whole, parts=parts)
    filed = filed_terms.known(moment, groups)
    wanted = Wanted(parts, [kind], filed, endings.known(moment, parts, [kind]))
    if not common_words.are_often(moment, wanted):
        words = _by_index(moment, whole, wanted, groups)
        # In old texts alone, very many may have it: to put them all in order takes seconds.
        if not filed or not _are_some(moment, words.asked, list_bounds.MOST_SORTED):
            return words
    # A list is read in its order, and each row is asked for the words.
    return Words(whole, told=expressions.told(moment, parts, [kind]), parts=parts)


def _are_some(moment: Moment, query: str, most: int) -> bool:
    """Whether the index finds so many, public or not."""
    found: int = moment.rows(list_words.SOME, query=query, most=most)[0][0]
    return found >= most


def _by_index(moment: Moment, whole: str, wanted: Wanted, groups: Groups) -> Words:
    parts, kinds, *_ = wanted
    asked, told = common_words.ways(parts, common_words.everywhere(moment, wanted))
    by_index = expressions.of(moment, wanted._replace(parts=asked))
    said = expressions.told(moment, told, kinds) if told else ""
    few = not moment.reader.is_sqlite
    is_filed = len(wanted.filed) == len(groups) > 0
    return Words(whole, by_index, said, are_few=few, parts=parts, is_filed=is_filed)


def by_filters(moment: Moment, question: Question, smallest: int) -> Words | None:
    """For a list of several filters, the smallest of which so many rows pass. None, where those are
    few, or where many rows pass all: a list is walked then.
    """
    if question.words or len(question.groups) < 2 or smallest <= list_bounds.MOST_SORTED:
        return None
    filed = filed_terms.known(moment, question.groups)
    wanted = Wanted([], [question.kind], filed)
    # So many are read as soon as a page is found among those that pass the smallest filter.
    most = isqrt(question.limit * smallest)
    if len(filed) < len(question.groups) or _are_many(moment, wanted, most):
        return None
    return _by_index(moment, "", wanted, question.groups)


def _are_many(moment: Moment, wanted: Wanted, most: int) -> bool:
    """Whether as many have all of it; believed for a while, since either way finds the same."""
    asked = (most, *moment.locales, *wanted.kinds, *map(tuple, wanted.filed))
    known, now = _known.setdefault(moment.reader, {}), time.monotonic()
    found, until = known.get(asked, (False, 0.0))
    if now < until:
        return found
    query = expressions.of(moment, wanted)
    found = common_words.are_often(moment, wanted) or _are_some(moment, query, most)
    while len(known) >= MOST_BELIEVED:
        known.pop(next(iter(known)), None)
    known[asked] = found, now + BELIEVED
    return found


def total(moment: Moment, question: Question) -> int | None:
    """How many public rows have words and pass filters, if the index knows. None, where it does
    not: of bounds, allow-lists, and filters that it is not asked for.
    """
    if question.bounds or question.allows_some or not (question.words or question.groups):
        return None
    filed = filed_terms.known(moment, question.groups)
    if len(filed) < len(question.groups):
        return None
    parts = question.words.parts if question.words else ()
    query = expressions.of(moment, Wanted(parts, [question.kind], filed))
    return moment.rows(list_words.HITS, query=query)[0][0]
