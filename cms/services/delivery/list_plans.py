"""By what a list is found: its smallest group of terms, and bounds that few rows pass.

A list is walked along the first group, in its order; what passes bounds on another column is read
and put in order instead, where that is less.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import isqrt

from cms.models.publication import EVERY_ROW
from cms.services.delivery import list_bounds, list_narrowing, totals
from cms.services.delivery.list_statements import SORTS, Bounds, goes_by_terms
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Question
from cms.times import format_time

Plan = tuple[Question, Bounds]
# How much less they are then.
SMALL_PART = 32


def of_page(moment: Moment, question: Question) -> Plan:
    """The question with its smallest group first, and the bounds by which rows are found."""
    if question.words and question.words.is_filed:
        question = replace(question, groups=())
    if question.allows_some:
        return question, ()
    columns = list_bounds.by_column(question.bounds)
    others = [columns[one] for one in columns if one != SORTS[question.column].key]
    if len(question.groups) < 2 and not others:
        return question, ()
    question, size = _smallest_first(moment, question)
    # If so many pass, a page is full after `limit * size / passing` rows: to walk over those is
    # chosen where they are a small part of what passes, so that a page costs the same on any site.
    most = min(list_bounds.MOST_SORTED, isqrt(SMALL_PART * question.limit * size))
    if bounds := _passed_by_few(moment, question, others, most):
        return question, bounds
    if words := list_narrowing.by_filters(moment, question, size):
        question = replace(question, words=words, groups=())
    return question, ()


def of_total(moment: Moment, question: Question) -> Plan:
    """The same for counting, which stops nowhere and needs no order."""
    if question.allows_some:
        return question, ()
    if len(question.groups) > 1:
        question, _ = _smallest_first(moment, question)
    columns = [*list_bounds.by_column(question.bounds).values()]
    if len(columns) < 2:
        return question, columns[0] if columns else ()
    return question, _passed_by_few(moment, question, columns, list_bounds.MOST_SORTED)


def _smallest_first(moment: Moment, question: Question) -> tuple[Question, int]:
    """And how many rows that group has."""
    terms = [term for group in question.groups for term in group] or [EVERY_ROW]
    counted = totals.about(moment, question.kind, terms)

    def size(group: Iterable[str]) -> int:
        return sum(counted[term] for term in group)

    groups = sorted(question.groups, key=size)
    return replace(question, groups=groups), size(groups[0] if groups else terms)


def _passed_by_few(
    moment: Moment, question: Question, columns: Iterable[Bounds], most: int
) -> Bounds:
    found = (names for names in columns if _passing(moment, question, names, most) < most)
    return next(found, ())


def _passing(moment: Moment, question: Question, names: Bounds, most: int) -> int:
    """How many rows do, as far as `most`; of the first group of terms, where there is one."""
    given = {f"locale_{n}": one for n, one in enumerate(moment.locales)}
    given |= {name: format_time(question.bounds[name]) for name in names}
    terms = question.groups[0] if question.groups else ()
    given |= {f"term_0_{n}": one for n, one in enumerate(terms)}
    where = (question.kind, len(moment.locales))
    if terms and goes_by_terms(len(moment.locales), len(terms)):
        statement = list_bounds.probing_terms(*where, len(terms), names)
    else:
        statement = list_bounds.probing(*where, names)
    return moment.rows(statement, **given, most=most)[0][0]
