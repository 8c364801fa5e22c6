"""Bounds of time on lists, and how many rows pass them."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import product
from operator import gt, lt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal,
    select,
    union_all,
)

from cms.models import Kind, Publication, PublicationTerm
from cms.models.base import UtcDateTime
from cms.services.published import not_past
from cms.services.sql_plans import unindexed

# The column of each bound, which publications and their terms both have, and its side.
FILTERS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "published_after": ("published_at", gt),
    "published_before": ("published_at", lt),
    "updated_after": ("visible_from", gt),
}
# As many rows are read and put in order faster than a million are walked.
MOST_SORTED = 5_000


def by_column(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Bounds, those of each column together."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        column, _ = FILTERS[name]
        found[column] = (*found.get(column, ()), name)
    return found


def is_upper(name: str) -> bool:
    return FILTERS[name][1] is lt


def conditions(names: Sequence[str], seen: Sequence[str], row: Any) -> list[ColumnElement[bool]]:
    """By publications or by their terms. `seen` are those by which an index may be entered."""
    return [_condition(name, as_it_is if name in seen else unindexed, row) for name in names]


def _condition(name: str, seen: Any, row: Any) -> ColumnElement[bool]:
    column, compares = FILTERS[name]
    return compares(seen(getattr(row, column)), bindparam(name, type_=UtcDateTime()))


@lru_cache(maxsize=16)
def probing(kind: Kind, locales: int, bounds: tuple[str, ...]) -> Select[Any]:
    """How many rows pass some bounds of one column, as far as `:most`."""
    return _some(
        select(literal(1)).where(
            Publication.kind == literal(kind, Publication.kind.type),
            Publication.locale == bindparam(f"locale_{locale}", type_=String()),
            not_past(),
            *conditions(bounds, bounds, Publication),
        )
        for locale in range(locales)
    )


@lru_cache(maxsize=64)
def probing_terms(kind: Kind, locales: int, terms: int, bounds: tuple[str, ...]) -> Select[Any]:
    """How many rows of the terms `:term_0_N` do."""
    row = PublicationTerm
    return _some(
        select(literal(1)).where(
            row.term == bindparam(f"term_0_{term}", type_=String()),
            row.kind == literal(kind, row.kind.type),
            row.locale == bindparam(f"locale_{locale}", type_=String()),
            *conditions(bounds, bounds, row),
        )
        for locale, term in product(range(locales), range(terms))
    )


def _some(rows: Iterable[Select[Any]]) -> Select[Any]:
    some = union_all(*rows).limit(bindparam("most", type_=Integer())).subquery()
    return select(func.count()).select_from(some).execution_options(planned_anew=True)


def as_it_is(column: Any) -> Any:
    return column
