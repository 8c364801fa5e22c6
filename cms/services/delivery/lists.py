"""One page of public rows: shape, parameters, cursor and total, for posts and FAQs alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.reading import Row
from cms.services import cursors, published
from cms.services.delivery import list_plans, list_statements
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Question, Span, span_of
from cms.times import format_time


def rows(moment: Moment, question: Question, columns: str) -> tuple[list[Row], str | None]:
    """One page, as `columns.COLUMNS` names what it shows, and the cursor of the next.

    Raises Malformed for a bad cursor.
    """
    scope = question.scope(moment)
    span = span_of(moment, question, scope)
    if question.answers_nothing:
        return [], None
    question, few = list_plans.planned(moment, question)
    values = question.parameters(moment) | span.parameters() | {"limit": question.limit + 1}
    shape = question.shape(len(moment.locales), span, few, columns)
    found = moment.rows(list_statements.statement(shape), **values)
    more = len(found) > question.limit
    page = found[: question.limit]
    following = cursors.encode(scope, _place(page[-1])) if more else None
    return [row[2:] for row in page], following


def total(moment: Moment, question: Question) -> int:
    """How many rows the whole list has."""
    if question.answers_nothing:
        return 0
    terms = [term for group in question.groups for term in group]
    filtered = (
        question.bounds
        or question.words
        or question.slugs is not None
        or question.entries is not None
    )
    if len(terms) <= 1 and not filtered:
        return counts(moment, question.kind, terms or [EVERY_ROW])[terms[0] if terms else EVERY_ROW]
    if question.words:
        # Each row is read, so the hits are gathered once: to ask each row for words takes seconds.
        whole = question.words.whole
        question = replace(question, words=replace(question.words, asked=whole, told=""))
    question, few = list_plans.planned(moment, question)
    shape = question.shape(len(moment.locales), Span(), few)
    row = moment.row(list_statements.counting(shape), **question.parameters(moment))
    return row[0] if row else 0


def counts(moment: Moment, kind: Kind, terms: Sequence[str]) -> dict[str, int]:
    """How many public rows each term has, from counters and what they do not know yet."""
    found = dict.fromkeys(terms, 0)
    missing = moment.rows(published.not_showing(kind))
    for sign, part in ((1, list_plans.counters(moment, kind, terms)), (-1, missing)):
        for locale, term, number in part:
            if locale in moment.locales and term in found:
                found[term] += sign * number
    return found


def _place(row: Row) -> list[str | int]:
    value = row[1]
    return [format_time(value) if isinstance(value, datetime) else value, row[0]]
