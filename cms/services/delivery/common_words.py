"""Words that many texts have, where a site is large: SQLite counts all texts that have a word to
weigh it, and both gather all that have one with a beginning.

So the newest texts are asked first, which have an index of their own (`search_newest`). Where too
few of them have all that is asked for, what most of them have is looked for in the texts that the
rest finds.
"""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from cms.services import search_newest
from cms.services.delivery import expressions, search_statements
from cms.services.delivery.expressions import Wanted
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part

# So many of the newest texts have what is everywhere. On SQLite, half of them: BM25 gives no weight
# to such a word. On PostgreSQL, a fifth: to gather all that have a word which begins so takes as
# long as to look for it in what is recent.
EVERYWHERE = {True: search_newest.SIZE // 2, False: search_newest.SIZE // 5}
# A list finds a page among 2,000 rows, where so many of the newest texts have what is asked for.
OFTEN = search_newest.SIZE // 100


class Ways(NamedTuple):
    """How parts are found: some by the index, the others in the texts that it finds."""

    asked: Sequence[Part]
    told: Sequence[Part] = ()


def are_often(moment: Moment, wanted: Wanted) -> bool:
    """Whether enough of the newest texts have all of it for a list to be walked."""
    return count_newest(moment, wanted, OFTEN) >= OFTEN


def count_newest(moment: Moment, wanted: Wanted, most: int) -> int:
    """How many of the newest texts have all of it, public or not, as far as `most`."""
    return moment.rows(search_statements.probing(most), query=expressions.of(moment, wanted))[0][0]


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
    each = [expressions.of(moment, Wanted([parts[n]], kinds)) for n in places]
    given = {"queries": orjson.dumps(each).decode(), "enough": EVERYWHERE[on_sqlite]}
    counts = [count for (count,) in moment.rows(search_statements.COUNTS, **given)]
    many = [n for n, count in zip(places, counts, strict=True) if count >= EVERYWHERE[on_sqlite]]
    return many if filed or len(many) < len(parts) else many[1:]


def _begins_many(moment: Moment, part: Part, wanted: Wanted) -> bool:
    known = (
        one + part.words[-1] in wanted.endings for one in expressions.scopes(moment, wanted.kinds)
    )
    return part.is_prefix and not all(known)


def ways(parts: Sequence[Part], places: Sequence[int]) -> Ways:
    """`places` as `everywhere` found them."""
    return Ways(
        [part for n, part in enumerate(parts) if n not in places],
        [part for n, part in enumerate(parts) if n in places],
    )
