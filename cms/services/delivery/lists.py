"""One page of public rows: shape, parameters, cursor and total, for posts and FAQs alike."""

from dataclasses import replace
from datetime import datetime

from cms.models.publication import EVERY_ROW
from cms.reading import Row
from cms.services import cursors
from cms.services.delivery import list_narrowing, list_plans, list_statements, totals
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
    question, bounds = list_plans.of_page(moment, question)
    values = question.parameters(moment) | span.parameters() | {"limit": question.limit + 1}
    shape = question.shape(len(moment.locales), span, bounds, columns)
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
    narrowed = question.bounds or question.allows_some
    if not (narrowed or question.words or terms[1:]):
        one = terms[0] if terms else EVERY_ROW
        return totals.counts(moment, question.kind, [one])[one]
    if (found := list_narrowing.total(moment, question)) is not None:
        return found
    if question.words:
        # Each row is read, so the hits are gathered once: to ask each row for words takes seconds.
        whole = question.words.whole
        question = replace(question, words=replace(question.words, asked=whole, told=""))
    question, bounds = list_plans.of_total(moment, question)
    shape = question.shape(len(moment.locales), Span(), bounds)
    row = moment.row(list_statements.counting(shape), **question.parameters(moment))
    return row[0] if row else 0


def _place(row: Row) -> list[str | int]:
    value = row[1]
    return [format_time(value) if isinstance(value, datetime) else value, row[0]]
