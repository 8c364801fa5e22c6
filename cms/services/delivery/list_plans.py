"""By what a list is found: its smallest group of terms, and bounds that few rows pass."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import isqrt

from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.reading import Row
from cms.services import published
from cms.services.delivery import list_bounds, list_statements
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Few, Question
from cms.times import format_time


def planned(moment: Moment, question: Question) -> tuple[Question, Few]:
    """The same question with its smallest group first, along which it is walked; and its bounds on
    another column than it is sorted by, where fewer rows pass them than would be walked over.
    """
    others = _others(question)
    if len(question.groups) < 2 and not others:
        return question, ()
    terms = [term for group in question.groups for term in group] or [EVERY_ROW]
    totals: Counter[str] = Counter()
    for locale, term, total in counters(moment, question.kind, terms):
        totals[term] += total if locale in moment.locales else 0
    groups = sorted(question.groups, key=lambda group: sum(totals[term] for term in group))
    question = replace(question, groups=groups)
    size = sum(totals[term] for term in (groups[0] if groups else terms))
    most = min(list_bounds.FEW, isqrt(question.limit * size))
    for names in others:
        # If so many pass, a page is full after `limit * size / passing` rows.
        if _passing(moment, question, names) < most:
            return question, names
    return question, ()


def _others(question: Question) -> list[tuple[str, ...]]:
    """Bounds on other columns than a list is sorted by, those of each column together."""
    if question.slugs is not None or question.entries is not None:
        return []
    stem = question.column.removesuffix("_at")
    names = sorted(name for name in question.bounds if not name.startswith(stem))
    columns = [tuple(n for n in names if n.startswith(one)) for one in ("published", "updated")]
    return [one for one in columns if one]


def _passing(moment: Moment, question: Question, names: tuple[str, ...]) -> int:
    """As far as `list_bounds.FEW`; of the first group of terms alone."""
    given = {f"locale_{n}": one for n, one in enumerate(moment.locales)}
    given |= {name: format_time(question.bounds[name]) for name in names}
    if question.groups:
        terms = question.groups[0]
        given |= {f"term_0_{n}": one for n, one in enumerate(terms)}
        size = len(terms)
        statement = list_bounds.probing_terms(question.kind, len(moment.locales), size, names)
    else:
        statement = list_bounds.probing(question.kind, len(moment.locales), names)
    return moment.rows(statement, **given)[0][0]


def counters(moment: Moment, kind: Kind, terms: Sequence[str]) -> list[Row]:
    """`(locale, term, total)` of live and waiting rows."""
    statement = list_statements.counters(published.round_size(len(terms)))
    return moment.rows(statement, kind=kind, **published.padded("term", list(terms)))
