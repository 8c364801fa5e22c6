"""One keyset page of any ORM query, as editors read them. Public lists are in `delivery.lists`."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from cms.extensions import db
from cms.models.base import UtcDateTime
from cms.services import cursors
from cms.services.cursors import Page
from cms.times import format_time, parse_time

Column = InstrumentedAttribute[Any]


def page(
    query: Select[Any],
    order: tuple[Column, Column],
    *,
    belongs_to: str,
    descending: bool = False,
    limit: int,
    cursor: str | None,
    total: bool = False,
    whole: Select[Any] | None = None,
) -> Page:
    """One page of `query`, ordered by a column and an id that breaks ties.

    With `whole`, `query` only finds ids, so an index may be all that it looks at; `whole` reads the
    rows that have them. Raises Malformed for a cursor of another list.
    """
    keys = [column.desc() if descending else column.asc() for column in order]
    part = query.order_by(*keys).limit(limit + 1)
    if cursor is not None:
        part = part.where(_after(order, cursors.decode(belongs_to, cursor), descending))
    if whole is not None:
        part = whole.where(order[1].in_(part)).order_by(*keys)
    items = list(db.session.scalars(part))
    more = len(items) > limit
    del items[limit:]
    return Page(
        items,
        cursors.encode(belongs_to, _position(items[-1], order)) if more else None,
        _count(query) if total else None,
    )


def _after(order: tuple[Column, Column], position: list[Any], descending: bool) -> Any:
    timed = isinstance(order[0].type, UtcDateTime)
    first = parse_time(position[0]) if timed else position[0]
    values = tuple_(literal(first, order[0].type), literal(position[1], order[1].type))
    return tuple_(*order) < values if descending else tuple_(*order) > values


def _position(item: Any, order: tuple[Column, Column]) -> list[Any]:
    values = [getattr(item, column.key) for column in order]
    return [format_time(value) if isinstance(value, datetime) else value for value in values]


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
