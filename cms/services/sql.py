"""What the two databases spell differently, spelled once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from cms.extensions import db
from cms.models.base import UtcDateTime


class stored_bytes(FunctionElement[bytes]):
    """A text column as its bytes, where the driver would decode them for nothing."""

    inherit_cache = True
    type = LargeBinary()


class json_object(FunctionElement[str]):
    """`json_object(name, value, …)`."""

    inherit_cache = True
    type = Text()


class json_list(FunctionElement[str]):
    """The JSON values of all rows as the text of one list; `[]` for none."""

    inherit_cache = True
    type = Text()


class if_multilingual(FunctionElement[str]):
    """`if_multilingual(this, else)`, by whether the site whose reader asks has several locales."""

    inherit_cache = True
    type = Text()


class names_in_order(FunctionElement[str]):
    """`names_in_order(kind, id, position)`: all rows as `kind:id`, with commas; NULL for none.

    By kind and position, if the primary key begins with what the rows are chosen by, then these.
    """

    inherit_cache = True
    type = Text()


class json_text(FunctionElement[str]):
    """A JSON value as text, which no driver reads as JSON."""

    inherit_cache = True
    type = Text()


class json_row(FunctionElement[str]):
    """`json_row(value, …)`: one JSON list of values."""

    inherit_cache = True
    type = Text()


class time_text(FunctionElement[str]):
    """A time as `cms.times.format_time` writes it, wherever the driver or JSON would differ."""

    inherit_cache = True
    type = Text()


class days_later(FunctionElement[datetime]):
    """`days_later(time, days)`: as long after a time as so many days last, to the millisecond.

    NULL for a number that is NULL.
    """

    inherit_cache = True
    type = UtcDateTime()


@compiles(if_multilingual)
def _if_multilingual(element: Any, compiler: Any, **kwargs: Any) -> str:
    this, other = element.clauses
    return compiler.process(this if compiler.dialect.is_multilingual else other, **kwargs)


class texts_of(FunctionElement[str]):
    """The texts of a JSON list, as rows."""

    inherit_cache = True
    type = Text()


def spell(function: type[FunctionElement[Any]], **spellings: str) -> None:
    """How each database writes a function; `{}` are its arguments."""
    for dialect, spelling in spellings.items():

        @compiles(function, dialect)
        def compile_it(element: Any, compiler: Any, spelling: str = spelling, **kwargs: Any) -> str:
            return spelling.format(compiler.process(element.clauses, **kwargs))


def spell_each(function: type[FunctionElement[Any]], **spellings: str) -> None:
    """The same, where `{0}`, `{1}`, … are one argument each."""
    for dialect, spelling in spellings.items():

        @compiles(function, dialect)
        def compile_it(element: Any, compiler: Any, spelling: str = spelling, **kwargs: Any) -> str:
            return spelling.format(*(compiler.process(one, **kwargs) for one in element.clauses))


spell_each(
    days_later,
    # By the day alone: SQLite's own times of day are not exact to the millisecond.
    sqlite="(date(substr({0}, 1, 10), ({1}) || ' days') || substr({0}, 11))",
    # In hours: a day of the server's time zone may have 23.
    postgresql="({0} + make_interval(hours => 24 * ({1})))",
)
spell_each(
    names_in_order,
    # It walks the primary key. To be told so by a subquery, it would put all rows aside first.
    sqlite="group_concat({0} || ':' || {1})",
    postgresql="string_agg({0} || ':' || {1}, ',' ORDER BY {0}, {2})",
)
spell(stored_bytes, sqlite="CAST({} AS BLOB)", postgresql="{}")
spell(json_object, sqlite="json_object({})", postgresql="json_build_object({})")
spell(json_row, sqlite="json_array({})", postgresql="json_build_array({})")
spell(
    time_text,
    sqlite="{}",
    postgresql="""to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
)
spell(texts_of, sqlite="json_each({})", postgresql="json_array_elements_text(CAST({} AS json))")
spell(json_text, sqlite="{}", postgresql="CAST({} AS TEXT)")
# SQLite knows that what `json_object` made is JSON only where one is the other's argument.
spell(
    json_list,
    sqlite="json_group_array({})",
    postgresql="CAST(coalesce(json_agg({}), '[]') AS TEXT)",
)


def rows_of(key: Any, name: str, *columns: Any) -> Select[Any]:
    """The rows whose `key` is among the texts of a JSON list, given as `:name`.

    One statement and one parameter, however many they are.
    """
    given = texts_of(bindparam(name, type_=Text())).table_valued("value", name="given")
    # SQLite alone would ask which of its rows are in the list.
    return select(*columns).select_from(given).join(key.table, key == given.c.value)


def listed(rows: Select[Any], model: Any, *names: str) -> ScalarSelect[Any]:
    """`rows`, in their order, as one JSON list of objects: a column of another query."""
    found = rows.add_columns(*(getattr(model, name) for name in names)).subquery()
    return select(json_list(_object(found.c, names))).scalar_subquery()


def listed_rows(rows: Select[Any]) -> ScalarSelect[Any]:
    """`rows`, in their order, as one JSON list of lists: a column of another query."""
    return select(json_list(json_row(*rows.subquery().c))).scalar_subquery()


def only(rows: Select[Any], model: Any, *names: str) -> ScalarSelect[Any]:
    """The first of `rows` as a JSON object, or NULL: a column of another query."""
    return rows.add_columns(json_text(_object(model, names))).limit(1).scalar_subquery()


def _object(source: Any, names: Sequence[str]) -> ColumnElement[Any]:
    return json_object(*(part for name in names for part in (literal(name), getattr(source, name))))


def insert_into(table: Any) -> Any:
    """An INSERT that knows `ON CONFLICT`, which both databases spell alike."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
