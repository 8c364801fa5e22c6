"""Words that are everywhere, on SQLite: what weighs words there, counts all texts that have them.

PostgreSQL weighs words without counting.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Integer, column, func, select, table

from cms.models import Kind
from cms.services import search_terms
from cms.services.delivery import search_statements
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part

# Words that so many texts have are everywhere. To count them takes a millisecond.
MANY = 20_000
# The highest number of a row: of more texts, the index knows nothing.
_SIZE = select(func.max(column("id", Integer))).select_from(table("search_index_docsize"))


def told_apart(
    moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]
) -> tuple[Sequence[Part], bool]:
    """What to ask for, and whether one of it is everywhere, so that hits are not to be weighed.

    A word that is everywhere as it stands is not asked to go on: to find what begins with it
    would gather all of its texts.
    """
    if not moment.reader.is_sqlite or _size(moment) < MANY:
        return parts, False
    exact = [replace(part, is_prefix=False) for part in parts]
    common = [part for part in exact if are_many(moment, [part], kinds)]
    asked = [one if one in common else part for one, part in zip(exact, parts, strict=True)]
    begun = [part for part in asked if part.is_prefix]
    return asked, bool(common) or any(are_many(moment, [part], kinds) for part in begun)


def are_many(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> bool:
    """Whether all of it together is everywhere."""
    asked = search_terms.for_sqlite(parts, scopes(moment, kinds))
    return moment.rows(search_statements.probing(MANY), query=asked)[0][0] >= MANY


def scopes(moment: Moment, kinds: Sequence[Kind]) -> list[str]:
    return [search_terms.scope(kind, locale) for kind in kinds for locale in moment.locales]


def _size(moment: Moment) -> int:
    return moment.rows(_SIZE)[0][0] or 0
