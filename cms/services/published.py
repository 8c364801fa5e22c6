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
    union_all,
)
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
from cms.services.sql import unindexed

NOW = bindparam("now", type_=UtcDateTime())
LOCALE = bindparam("locale", type_=String())
SLUG = bindparam("slug", type_=String())


def not_past(row: Any = Publication) -> ColumnElement[bool]:
    # Spelled as in the partial indexes: SQLite does not take `past = 0` for `NOT past`.
    return UnaryExpression(row.past, operator=custom_op("NOT "), type_=Boolean())


def is_public(row: Any = Publication) -> ColumnElement[bool]:
    """The definition. Everything that the public sees is one of these rows, or hangs on one."""
    # SQLite keeps no statistics here. Left to choose, it would enter an index at "everything that
    # began before now", which is everything, rather than at the slug that was asked for.
    starts, ends = unindexed(row.visible_from), unindexed(row.visible_until)
    # `NOT past` opens the partial indexes; the comparison lets SQLite enter the one by owner.
    return and_(not_past(row), row.past == false(), starts <= NOW, ends > NOW)


def among(column: Any, name: str, size: int, kind: Any = String) -> ColumnElement[bool]:
    """`column IN (:name_0, …)`. With a round `size`, few statements serve all lengths."""
    return column.in_([bindparam(f"{name}_{n}", type_=kind()) for n in range(size)])


def padded(name: str, values: Sequence[Any], blank: Any = "") -> dict[str, Any]:
    """Parameters for `among`: the values, and blanks that match nothing."""
    blanks = [blank] * (round_size(len(values)) - len(values))
    return {f"{name}_{n}": one for n, one in enumerate([*values, *blanks])}


def round_size(length: int) -> int:
    return max(4, 1 << (length - 1).bit_length()) if length else 4


@cache
def not_showing(kind: Kind) -> CompoundSelect[Any]:
    """`(locale, term, rows)` of counted rows that have not begun or have ended: few, by index.

    A counter less these is what is public at this moment.
    """
    outside = [Publication.visible_from > NOW, Publication.visible_until <= NOW]
    everything = [
        select(Publication.locale, literal(EVERY_ROW), func.count())
        .where(Publication.kind == kind, not_past(), side)
        .group_by(Publication.locale)
        for side in outside
    ]
    by_term = [
        select(Publication.locale, PublicationTerm.term, func.count())
        .join(PublicationTerm, PublicationTerm.publication_id == Publication.id)
        .where(Publication.kind == kind, not_past(), side)
        .group_by(Publication.locale, PublicationTerm.term)
        for side in outside
    ]
    return union_all(*everything, *by_term)
