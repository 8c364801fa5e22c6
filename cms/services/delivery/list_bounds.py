"""Bounds of a list on another column than it is sorted by, and how many rows pass them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, func, literal, select, union_all

from cms.models import Kind, Publication
from cms.models.base import UtcDateTime
from cms.services.published import not_past
from cms.services.sql_plans import unindexed

FILTERS = {
    "published_after": lambda seen, value: seen(Publication.published_at) > value,
    "published_before": lambda seen, value: seen(Publication.published_at) < value,
    "updated_after": lambda seen, value: seen(Publication.visible_from) > value,
}
# As many rows are read and put in order faster than a million are walked.
FEW = 5_000


def conditions(names: Sequence[str], seen: Sequence[str]) -> list[ColumnElement[bool]]:
    """`seen` are those by which an index may be entered."""
    return [
        FILTERS[name](as_it_is if name in seen else unindexed, bindparam(name, type_=UtcDateTime()))
        for name in names
    ]


@lru_cache(maxsize=16)
def probing(kind: Kind, locales: int, bounds: tuple[str, ...]) -> Select[Any]:
    """How many rows pass some bounds of one column, as far as `FEW`."""
    rows = [
        select(literal(1)).where(
            Publication.kind == literal(kind, Publication.kind.type),
            Publication.locale == bindparam(f"locale_{locale}", type_=String()),
            not_past(),
            *conditions(bounds, bounds),
        )
        for locale in range(locales)
    ]
    some = union_all(*rows).limit(FEW).subquery()
    return select(func.count()).select_from(some).execution_options(planned_anew=True)


def as_it_is(column: Any) -> Any:
    return column
