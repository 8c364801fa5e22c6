"""Rows that many requests end in, written by plain driver statements in the session's transaction.

SQLAlchemy writes each statement once, as text, and says how values are passed on. Its bookkeeping
for each call takes longer than SQLite does for a row, while others wait for the write lock.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from cms.extensions import db

Values = Mapping[str, Any]


def run(statement: Executable, *rows: Values) -> Sequence[Any]:
    """Run a statement of tables, for one row or for several that name the same columns.

    It must be the same object at each call. Nothing of the session is flushed before it. Answers
    the rows that it returns, as the driver has them. Raises what the session would.
    """
    connection = db.session.connection()
    sql, passed = _compiled(connection.dialect, statement, tuple(rows[0]) if rows else ())
    given = [passed(row) for row in rows] if len(rows) > 1 else passed(rows[0] if rows else {})
    if connection.dialect.name == "sqlite":
        return _on_sqlite(connection, sql, given)
    found = connection.exec_driver_sql(sql, given)
    return found.all() if found.returns_rows else []


def _on_sqlite(connection: Connection, sql: str, given: Any) -> Sequence[Any]:
    driver = connection.connection.driver_connection
    execute = driver.executemany if isinstance(given, list) else driver.execute
    try:
        return execute(sql, given).fetchall()
    except sqlite3.Error as error:
        # Without what was to be written: it is not for the log.
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error


@lru_cache(maxsize=200)
def _compiled(
    dialect: Dialect, statement: Executable, names: tuple[str, ...]
) -> tuple[str, Callable[[Values], Any]]:
    """The text, and what makes the driver's parameters of a row."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    processors = {
        name: process
        for bind, name in compiled.bind_names.items()
        if (process := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    constants = {name: value for name, value in compiled.params.items() if name not in names}
    made = {column.key: column.default for column in getattr(compiled, "insert_prefetch", ())}
    order = compiled.positiontup

    def passed(row: Values) -> Any:
        values = constants | row
        for name, default in made.items():
            values[name] = default.arg(None) if default.is_callable else default.arg
        for name, process in processors.items():
            values[name] = process(values[name])
        return values if order is None else tuple([values[name] for name in order])

    return str(compiled), passed
