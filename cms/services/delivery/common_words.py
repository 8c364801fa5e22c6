"""Words that many texts have, on SQLite, where a site is large: there, FTS5 counts all texts that
have a word to weigh it, and gathers all that have one with a beginning.

So the newest texts are asked first, which have an index of their own (`search_newest`). Where too
few of them have all that is asked for, what most of them have is looked for in the texts that the
rest finds. PostgreSQL weighs words without counting.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Integer, column, select, table

from cms.models import Kind
from cms.reading import Reader
from cms.services import search_newest, search_terms
from cms.services.delivery import search_statements
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part

# BM25 gives no weight to a word that half of all texts have or more, so it may be left out.
EVERYWHERE = search_newest.SIZE // 2
# A list finds a page among 2,000 rows, where so many of the newest texts have the words.
OFTEN = search_newest.SIZE // 100
_ONE = select(column("id", Integer)).select_from(table("search_newest_docsize")).limit(1)
# A small site is not asked again for so many seconds whether it has become a large one.
BELIEVED = 5.0
# Until when whose site is taken to be small, by this machine's steady clock.
_small: WeakKeyDictionary[Reader, float] = WeakKeyDictionary()


class Ways(NamedTuple):
    """How parts are found: some by the index, the others in the texts that it finds."""

    asked: Sequence[Part]
    told: Sequence[Part] = ()


def is_large(moment: Moment) -> bool:
    """Whether the newest texts are asked first."""
    asked = moment.reader
    if not asked.is_sqlite or time.monotonic() < _small.get(asked, 0.0):
        return False
    found = bool(moment.rows(_ONE))
    if not found:
        _small[asked] = time.monotonic() + BELIEVED
    return found


def are_often(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> bool:
    """Whether enough of the newest texts have all of it for a list to be walked."""
    asked = expression(moment, parts, kinds)
    return moment.rows(search_statements.probing(OFTEN), query=asked)[0][0] >= OFTEN


def everywhere(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> list[int]:
    """The places of parts that half of the newest texts have; never of all, so that something is
    asked of the index: then, the rarest is left out.
    """
    if len(parts) == 1:
        return []
    each = orjson.dumps([expression(moment, [part], kinds) for part in parts]).decode()
    counts = [count for (count,) in moment.rows(search_statements.COUNTS, queries=each)]
    found = [place for place, count in enumerate(counts) if count >= EVERYWHERE]
    return found if len(found) < len(parts) else [n for n in found if n != _least(counts)]


def _least(counts: Sequence[int]) -> int:
    return counts.index(min(counts))


def ways(parts: Sequence[Part], places: Sequence[int]) -> Ways:
    """`places` as `everywhere` found them."""
    return Ways(
        [part for n, part in enumerate(parts) if n not in places],
        [part for n, part in enumerate(parts) if n in places],
    )


def told(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    """As `sql_search.says_all` takes them."""
    found = [[_as_it_stands(part, scope) for scope in scopes(moment, kinds)] for part in parts]
    return orjson.dumps(found).decode()


def _as_it_stands(part: Part, scope: str) -> str:
    return f" {search_terms.joined(scope, part.words)}" + ("" if part.is_prefix else " ")


def expression(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    sqlite = moment.reader.is_sqlite
    spell = search_terms.for_sqlite if sqlite else search_terms.for_postgresql
    return spell(parts, scopes(moment, kinds))


def scopes(moment: Moment, kinds: Sequence[Kind]) -> list[str]:
    return [search_terms.scope(kind, locale) for kind in kinds for locale in moment.locales]
