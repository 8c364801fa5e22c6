"""What the two databases spell differently, spelled once."""

from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, ScalarSelect, Select, Text, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class stored_bytes(FunctionElement[bytes]):
    """A text column as its bytes, where the driver would decode them for nothing."""

    inherit_cache = True
    type = LargeBinary()


class json_object(FunctionElement[str]):
    """`json_object(name, value, …)`."""

    inherit_cache = True
    type = Text()


class parsed_json(FunctionElement[str]):
    """Stored JSON text, to be put into other JSON as what it is."""

    inherit_cache = True
    type = Text()


class json_list(FunctionElement[str]):
    """The JSON values of all rows as the text of one list; `[]` for none."""

    inherit_cache = True
    type = Text()


class unindexed(FunctionElement[Any]):
    """A column, hidden from SQLite's choice of an index. PostgreSQL chooses by statistics."""

    inherit_cache = True


def _spell(function: type[FunctionElement[Any]], **spellings: str) -> None:
    """How each database writes a function; `{}` are its arguments."""
    for dialect, spelling in spellings.items():

        @compiles(function, dialect)
        def compile_it(element: Any, compiler: Any, spelling: str = spelling, **kwargs: Any) -> str:
            return spelling.format(compiler.process(element.clauses, **kwargs))


_spell(stored_bytes, sqlite="CAST({} AS BLOB)", postgresql="{}")
_spell(unindexed, sqlite="+{}", postgresql="{}")
_spell(json_object, sqlite="json_object({})", postgresql="json_build_object({})")
_spell(parsed_json, sqlite="json({})", postgresql="CAST({} AS JSON)")
_spell(
    json_list,
    sqlite="json_group_array(json({}))",
    postgresql="CAST(coalesce(json_agg({}), '[]') AS TEXT)",
)


def listed(value: ColumnElement[Any], rows: Select[Any]) -> ScalarSelect[Any]:
    """`rows`, in their order, as one JSON list of `value`s: a column of another query."""
    inner = rows.add_columns(value.label("value")).subquery()
    return select(json_list(inner.c.value)).scalar_subquery()
