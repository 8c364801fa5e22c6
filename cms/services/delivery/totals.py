"""How many public rows each term has, from counters."""

from collections import Counter
from collections.abc import Sequence

from cms.models import Kind
from cms.reading import Row
from cms.services import published
from cms.services.delivery import list_statements
from cms.services.delivery.moment import Moment


def counts(moment: Moment, kind: Kind, terms: Sequence[str]) -> dict[str, int]:
    """Exactly, at this moment: the counters less what they count and is not shown."""
    found = dict.fromkeys(terms, 0)
    missing = moment.rows(published.not_showing(kind))
    for sign, part in ((1, counters(moment, kind, terms)), (-1, missing)):
        for locale, term, number in part:
            if locale in moment.locales and term in found:
                found[term] += sign * number
    return found


def about(moment: Moment, kind: Kind, terms: Sequence[str]) -> Counter[str]:
    """With what is waiting or has just ended."""
    found: Counter[str] = Counter()
    for locale, term, total in counters(moment, kind, terms):
        found[term] += total if locale in moment.locales else 0
    return found


def counters(moment: Moment, kind: Kind, terms: Sequence[str]) -> list[Row]:
    """`(locale, term, total)` of live and waiting rows."""
    statement = list_statements.counters(published.round_size(len(terms)))
    return moment.rows(statement, kind=kind, **published.padded("term", list(terms)))
