"""Words that are everywhere, on SQLite: what weighs words there, counts all texts that have them.

PostgreSQL weighs words without counting.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Integer, column, func, select, table

from cms.models import Kind
from cms.reading import Reader
from cms.services import search_terms
from cms.services.delivery import search_statements
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part, whole_words

# Words that so many texts have are everywhere. To count them takes a millisecond.
MANY = 20_000
# The highest number of a row: of more texts, the index knows nothing.
_SIZE = select(func.max(column("id", Integer))).select_from(table("search_index_docsize"))
# A site with fewer texts is not asked again for so many seconds: until then, words are weighed that
# are everywhere by now.
BELIEVED = 5.0
# Until when whose site is taken to be so small, by this machine's steady clock.
_small: WeakKeyDictionary[Reader, float] = WeakKeyDictionary()


# Places of parts in a search: those that are everywhere as they stand, and as they begin.
Common = tuple[Sequence[int], Sequence[int]]
NONE: Common = ((), ())


class Told(NamedTuple):
    """What to ask for; what of it is everywhere, so that hits are not to be weighed; and what
    titles are looked through for then.
    """

    parts: Sequence[Part]
    common: Common
    telling: Sequence[Part]

    @property
    def has_common(self) -> bool:
        return any(self.common)


def told_apart(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], common: Common | None = None
) -> Told:
    """By what is `common`, where the page before was made by that.

    A last word that is everywhere as it stands is not asked to go on: to find what begins with it
    would gather all of its texts.
    """
    # A site that has moved to PostgreSQL may be shown a cursor of before.
    if common is None or not moment.reader.is_sqlite:
        common = _common(moment, parts, kinds)
    if not any(common):
        return Told(parts, NONE, parts)
    whole, begun = common
    asked = [whole_words(part) if n in whole else part for n, part in enumerate(parts)]
    # What is everywhere tells little beside what is not.
    telling = [part for n, part in enumerate(asked) if n not in whole + begun] or asked
    return Told(asked, (whole, begun), telling)


def _common(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> Common:
    if not _may_have(moment):
        return NONE
    # Who puts a star wants all that begins so.
    whole = [
        n
        for n, part in enumerate(parts)
        if not (part.is_prefix and part.is_starred) and are_many(moment, [whole_words(part)], kinds)
    ]
    begun = [
        n
        for n, part in enumerate(parts)
        if part.is_prefix and n not in whole and are_many(moment, [part], kinds)
    ]
    return whole, begun


def titled(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    """As `search_statements` takes them: a JSON list, each between spaces, but for the end of what
    may go on.
    """
    found = [
        "".join(f" {scope}{word}" for word in part.words) + ("" if part.is_prefix else " ")
        for part in parts
        for scope in scopes(moment, kinds)
    ]
    return orjson.dumps(found).decode()


def are_many(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> bool:
    """Whether all of it together is everywhere, on SQLite."""
    asked = expression(moment, parts, kinds)
    return moment.rows(search_statements.probing(MANY), query=asked)[0][0] >= MANY


def expression(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    sqlite = moment.reader.is_sqlite
    spell = search_terms.for_sqlite if sqlite else search_terms.for_postgresql
    return spell(parts, scopes(moment, kinds))


def scopes(moment: Moment, kinds: Sequence[Kind]) -> list[str]:
    return [search_terms.scope(kind, locale) for kind in kinds for locale in moment.locales]


def _may_have(moment: Moment) -> bool:
    """Whether the site is large enough for a word to be everywhere."""
    asked = moment.reader
    if not asked.is_sqlite or time.monotonic() < _small.get(asked, 0.0):
        return False
    size = moment.rows(_SIZE)[0][0] or 0
    if size < MANY:
        _small[asked] = time.monotonic() + BELIEVED
    return size >= MANY
