"""What is asked of the full-text index, and looked for in texts, as each database spells it."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from cms.models import Kind
from cms.services import search_terms
from cms.services.delivery.moment import Moment
from cms.services.search_terms import NO_ENDINGS, Endings, Groups, Part


class Wanted(NamedTuple):
    """Words in texts of some kinds. The index is asked for groups of terms that texts are `filed`
    by, and for the words of beginnings whose `endings` are known.
    """

    parts: Sequence[Part]
    kinds: Sequence[Kind]
    filed: Groups = ()
    endings: Endings = NO_ENDINGS


def told(moment: Moment, parts: Sequence[Part], kinds: Sequence[Kind]) -> str:
    """As `sql_search.says_all` takes them."""
    if not moment.reader.is_sqlite:
        return of(moment, Wanted(parts, kinds))
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


def of(moment: Moment, wanted: Wanted) -> str:
    """As the full-text index takes it; empty for nothing."""
    parts, kinds, filed, endings = wanted
    if not parts and not filed:
        return ""
    known = scopes(moment, kinds)
    if moment.reader.is_sqlite:
        return search_terms.for_sqlite(parts, known, filed)
    return search_terms.for_postgresql(parts, known, filed, endings)


def scopes(moment: Moment, kinds: Sequence[Kind]) -> list[str]:
    return [search_terms.scope(kind, locale) for kind in kinds for locale in moment.locales]
