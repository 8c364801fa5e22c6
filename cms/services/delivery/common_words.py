"""Words that many texts have, where a site is large: SQLite counts all texts that have a word to
weigh it, and both gather all that have one with a beginning.

So the newest texts are asked first, which have an index of their own (`search_newest`). Where too
few of them have all that is asked for, what most of them have is looked for in the texts that the
rest finds.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Integer, column, func, select, table

from cms.models import Kind
from cms.reading import Reader
from cms.services import search_newest, search_terms
from cms.services.delivery import search_statements
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Groups, Part

# BM25 gives no weight to a word that half of all texts have or more, so it may be left out.
EVERYWHERE = search_newest.SIZE // 2
# A list finds a page among 2,000 rows, where so many of the newest texts have the words.
OFTEN = search_newest.SIZE // 100
# The number of the last of them, on SQLite and on PostgreSQL.
_LAST = {
    True: select(func.max(column("id", Integer))).select_from(table("search_newest_docsize")),
    False: select(func.max(search_newest.NEWEST.c.rowid)),
}
# A site is not asked again for so many seconds whether it is large.
BELIEVED = 5.0
# Whose site is taken to be large, and until when, by this machine's steady clock.
_known: WeakKeyDictionary[Reader, tuple[bool, float]] = WeakKeyDictionary()


class Ways(NamedTuple):
    """How parts are found: some by the index, the others in the texts that it finds."""

    asked: Sequence[Part]
    told: Sequence[Part] = ()


def is_large(moment: Moment) -> bool:
    """Whether the newest texts are asked first."""
    asked, now = moment.reader, time.monotonic()
    found, until = _known.get(asked, (False, 0.0))
    if now < until:
        return found
    found = last(moment) is not None
    _known[asked] = found, now + BELIEVED
    return found


def last(moment: Moment) -> int | None:
    """The newest publication that has words, where a site is large."""
    number: int | None = moment.rows(_LAST[moment.reader.is_sqlite])[0][0]
    return number


def are_often(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> bool:
    """Whether enough of the newest texts have all of it for a list to be walked."""
    return count_newest(moment, parts, kinds, OFTEN) >= OFTEN


def count_newest(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], most: int, filed: Groups = ()
) -> int:
    """How many of the newest texts have all of it, public or not, as far as `most`."""
    asked = expression(moment, parts, kinds, filed)
    return moment.rows(search_statements.probing(most), query=asked)[0][0]


def everywhere(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], filed: Groups = ()
) -> list[int]:
    """The places of parts that half of the newest texts have; never of all, so that something is
    asked of the index: then, the rarest is left out. By what texts are `filed` is asked as well.
    """
    # PostgreSQL finds whole words beside rarer ones by looking at those alone.
    places = [n for n, part in enumerate(parts) if part.is_prefix or moment.reader.is_sqlite]
    if (len(parts) == 1 and not filed) or not places:
        return []
    each = orjson.dumps([expression(moment, [parts[n]], kinds) for n in places]).decode()
    counts = [count for (count,) in moment.rows(search_statements.COUNTS, queries=each)]
    many = sorted(
        (count, n) for count, n in zip(counts, places, strict=True) if count >= EVERYWHERE
    )
    return sorted(n for _, n in (many if filed or len(many) < len(parts) else many[1:]))


def ways(parts: Sequence[Part], places: Sequence[int]) -> Ways:
    """`places` as `everywhere` found them."""
    return Ways(
        [part for n, part in enumerate(parts) if n not in places],
        [part for n, part in enumerate(parts) if n in places],
    )


def told(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    """As `sql_search.says_all` takes them."""
    if not moment.reader.is_sqlite:
        return expression(moment, parts, kinds)
    found = [[_as_it_stands(part, scope) for scope in scopes(moment, kinds)] for part in parts]
    return orjson.dumps(found).decode()


def titled(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    """As `sql_search.told_in_title` takes them."""
    if moment.reader.is_sqlite:
        return told(moment, parts, kinds)
    known = scopes(moment, kinds)
    found = [search_terms.for_postgresql([part], known, weight="A") for part in parts]
    return orjson.dumps(found).decode()


def _as_it_stands(part: Part, scope: str) -> str:
    return f" {search_terms.joined(scope, part.words)}" + ("" if part.is_prefix else " ")


def expression(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind], filed: Groups = ()
) -> str:
    """Of the full-text index; empty for nothing."""
    if not parts and not filed:
        return ""
    sqlite = moment.reader.is_sqlite
    spell = search_terms.for_sqlite if sqlite else search_terms.for_postgresql
    return spell(parts, scopes(moment, kinds), filed)


def scopes(moment: Moment, kinds: Sequence[Kind]) -> list[str]:
    return [search_terms.scope(kind, locale) for kind in kinds for locale in moment.locales]
