"""When threads close by the site's rules, as statements ask it: by age, or all of them.

A thread is as old as its post has been visible. Time alone closes it, to the millisecond: nothing
is written at that moment, and nobody has to be there.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, false, func, literal, select

from cms.models import ONLY, CommentRules, Thread
from cms.services.published import NOW
from cms.services.sql import days_later
from cms.times import EPOCH, FOREVER

RULES = CommentRules.id == ONLY
BY_AGE = (RULES, CommentRules.closed == false())


def is_open() -> ColumnElement[bool]:
    """Whether a thread takes comments at `:now`: a column of a query of threads."""
    by_age = days_later(NOW, -CommentRules.close_after_days)
    # Asked once for all rows: which threads are closed by now is told by one moment.
    is_aging = CommentRules.close_after_days.is_not(None)
    never = literal(FOREVER, NOW.type)
    # To reckon with days takes as long as to find a row, and most sites have no such rule.
    too_old = select(case((CommentRules.closed, never), (is_aging, by_age)))
    shown_since = func.coalesce(
        too_old.where(RULES).scalar_subquery(), literal(EPOCH, NOW.type), type_=NOW.type
    )
    first_shown = func.coalesce(Thread.first_shown, NOW, type_=NOW.type)
    return and_(Thread.is_open, first_shown > shown_since)


def closes_at() -> ColumnElement[Any]:
    """When a thread of `closing` closes."""
    days = select(CommentRules.close_after_days).where(*BY_AGE).scalar_subquery()
    return days_later(Thread.first_shown, days)


def closing(after: Any, until: Any = None) -> ColumnElement[bool]:
    """Whether time closes a thread after a moment, and up to another one: found by an index."""
    among = [Thread.is_open, Thread.first_shown > _shown_at(after)]
    return and_(*among, *([] if until is None else [Thread.first_shown <= _shown_at(until)]))


def _shown_at(closing: Any) -> ScalarSelect[Any]:
    """When what closes at a moment was first shown; NULL where age closes nothing."""
    shown = days_later(closing, -CommentRules.close_after_days)
    return select(shown).where(*BY_AGE).scalar_subquery()
