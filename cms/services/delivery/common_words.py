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
from cms.services.search_terms import NO_ENDINGS, Endings, Groups, Part

# So many of the newest texts have what is everywhere. On SQLite, half of them: BM25 gives no weight
# to such a word. On PostgreSQL, a fifth: to gather all that have a word which begins so takes as
# long as to look for it in what is recent.
EVERYWHERE = {True: search_newest.SIZE // 2, False: search_newest.SIZE // 5}
# A list finds a page among 2,000 rows, where so many of the newest texts have what is asked for.
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


class Wanted(NamedTuple):
    """Words in texts of some kinds. The index is asked for groups of terms that texts are `filed`
    by, and for the words of beginnings whose `endings` are known.
    """

    parts: Sequence[Part]
    kinds: Sequence[Kind]
    filed: Groups = ()
    endings: Endings = NO_ENDINGS


class Ways(NamedTuple):
    """How parts are found: some by the index, the others in the texts that it finds."""

    asked: Sequence[Part]
    told: Sequence[Part] = ()


def is_large(moment: Moment) -> bool:
    """Whether the newest texts are asked first, and the index for filters and whole words, too."""
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


def are_often(moment: Moment, wanted: Wanted) -> bool:
    """Whether enough of the newest texts have all of it for a list to be walked."""
    return count_newest(moment, wanted, OFTEN) >= OFTEN


def count_newest(moment: Moment, wanted: Wanted, most: int) -> int:
    """How many of the newest texts have all of it, public or not, as far as `most`."""
    return moment.rows(search_statements.probing(most), query=expression(moment, wanted))[0][0]


def everywhere(moment: Moment, wanted: Wanted) -> list[int]:
    """The places of parts that are everywhere, to be looked for in texts; never of all, so that
    something is asked of the index, if it is what texts are `filed` by.
    """
    parts, kinds, filed, _ = wanted
    # PostgreSQL finds whole words beside rarer ones by looking at those alone.
    on_sqlite = moment.reader.is_sqlite
    places = [n for n, part in enumerate(parts) if on_sqlite or _begins_many(moment, part, wanted)]
    if (len(parts) == 1 and not filed) or not places:
        return []
    each = [expression(moment, Wanted([parts[n]], kinds)) for n in places]
    given = {"queries": orjson.dumps(each).decode(), "enough": EVERYWHERE[on_sqlite]}
    counts = [count for (count,) in moment.rows(search_statements.COUNTS, **given)]
    many = [n for n, count in zip(places, counts, strict=True) if count >= EVERYWHERE[on_sqlite]]
    return many if filed or len(many) < len(parts) else many[1:]


def _begins_many(moment: Moment, part: Part, wanted: Wanted) -> bool:
    known = (one + part.words[-1] in wanted.endings for one in scopes(moment, wanted.kinds))
    return part.is_prefix and not all(known)


def ways(parts: Sequence[Part], places: Sequence[int]) -> Ways:
    """`places` as `everywhere` found them."""
    return Ways(
        [part for n, part in enumerate(parts) if n not in places],
        [part for n, part in enumerate(parts) if n in places],
    )


def told(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    """As `sql_search.says_all` takes them."""
    if not moment.reader.is_sqlite:
        return expression(moment, Wanted(parts, kinds))
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


def expression(moment: Moment, wanted: Wanted) -> str:
    """Of the full-text index; empty for nothing."""
    parts, kinds, filed, endings = wanted
    if not parts and not filed:
        return ""
    known = scopes(moment, kinds)
    if moment.reader.is_sqlite:
        return search_terms.for_sqlite(parts, known, filed)
    return search_terms.for_postgresql(parts, known, filed, endings)


def scopes(moment: Moment, kinds: Sequence[Kind]) -> list[str]:
    return [search_terms.scope(kind, locale) for kind in kinds for locale in moment.locales]
