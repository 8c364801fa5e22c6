"""The only definition of "public". Every anonymous read starts here.

A publication is public while `visible_from <= now < visible_until`. A statement is built once for
each shape of question and run by `cms.reading`; `:now` is a parameter like any other, so the site
of another moment is the same question.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    bindparam,
    false,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.expression import CompoundSelect
from sqlalchemy.sql.operators import custom_op

from cms.models import (
    Kind,
    Publication,
    PublicationTerm,
)
from cms.models.base import UtcDateTime
from cms.models.publication import EVERY_ROW
from cms.services.sql_plans import sqlite_alone, truth, unestimated, unindexed

NOW = bindparam("now", type_=UtcDateTime())
LOCALE = bindparam("locale", type_=String())


def not_past(row: Any = Publication) -> ColumnElement[bool]:
    # Spelled as in the partial indexes: SQLite does not take `past = 0` for `NOT past`.
    return UnaryExpression(row.past, operator=custom_op("NOT "), type_=Boolean())


def is_past(row: Any = Publication) -> ColumnElement[bool]:
    return truth(row.past)


def is_public(row: Any = Publication) -> ColumnElement[bool]:
    """The definition. Everything that the public sees is one of these rows, or hangs on one."""
    # SQLite keeps no statistics here. Left to choose, it would enter an index at "everything that
    # began before now", which is everything, rather than at the slug that was asked for.
    return and_(is_not_over(row), unindexed(row.visible_from) <= NOW)


def is_not_over(row: Any = Publication) -> ColumnElement[bool]:
    """What is public, and what will be."""
    # `NOT past` opens the partial indexes; the comparison lets SQLite enter the one by owner. And
    # PostgreSQL does not know that what is not past has not ended.
    ends = unestimated(row.visible_until)
    return and_(not_past(row), sqlite_alone(row.past == false()), ends > NOW)


# Live and waiting rows that have not begun or have ended: few, and each by an index. What is past
# has no terms, and no words in an index.
HIDDEN = union_all(
    select(Publication.id).where(not_past(), Publication.visible_from > NOW),
    select(Publication.id).where(not_past(), Publication.visible_until <= NOW),
)


def among(column: Any, name: str, size: int, kind: Any = String) -> ColumnElement[bool]:
    """`column IN (:name_0, …)`. With a round `size`, few statements serve all lengths."""
    return column.in_([bindparam(f"{name}_{n}", type_=kind()) for n in range(size)])


def padded(name: str, values: Sequence[Any], blank: Any = "") -> dict[str, Any]:
    """Parameters for `among`: the values, and blanks that match nothing."""
    blanks = [blank] * (round_size(len(values)) - len(values))
    return {f"{name}_{n}": one for n, one in enumerate([*values, *blanks])}


def round_size(length: int) -> int:
    return max(4, 1 << (length - 1).bit_length()) if length else 4


def neighbour(*, older: bool, column: str) -> Any:
    """A column of the next public post in time, on one side: a column of another query."""
    other = aliased(Publication)
    here = and_(other.kind == Kind.POST, other.locale == Publication.locale, is_public(other))
    place, mine = (tuple_(row.published_at, row.entry_id) for row in (other, Publication))
    # As one comparison, it is where the index is entered; spelled out, it is asked of each row.
    beside = place < mine if older else place > mine
    query = select(getattr(other, column)).where(here, beside)
    if older:
        query = query.order_by(other.published_at.desc(), other.entry_id.desc())
    else:
        query = query.where(other.published_at <= NOW)
        query = query.order_by(other.published_at, other.entry_id)
    return query.limit(1).correlate(Publication).scalar_subquery()


@cache
def not_showing(kind: Kind) -> CompoundSelect[Any]:
    """`(locale, term, rows)` of counted rows that have not begun or have ended: few, by index.

    A counter less these is what is public at this moment.
    """
    outside = [Publication.visible_from > NOW, Publication.visible_until <= NOW]
    # SQLite would rather have the groups in order, and walk all that there is.
    of_kind = unindexed(Publication.kind) == literal(kind, Publication.kind.type)
    locale = unindexed(Publication.locale)
    everything = [
        select(locale, literal(EVERY_ROW), func.count())
        .where(of_kind, not_past(), side)
        .group_by(locale)
        for side in outside
    ]
    by_term = [
        select(locale, PublicationTerm.term, func.count())
        .join(PublicationTerm, PublicationTerm.publication_id == Publication.id)
        .where(of_kind, not_past(), side)
        .group_by(locale, PublicationTerm.term)
        for side in outside
    ]
    # PostgreSQL has to know what time it is: nearly nothing is to come, or has just ended.
    return union_all(*everything, *by_term).execution_options(planned_anew=True)
