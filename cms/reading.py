"""Public reads by plain driver statements: one connection a thread, no ORM and no pool.

SQLAlchemy writes each statement once, as text for the driver; Python's own drivers run it. On this
path the statement costs less than the bookkeeping that an ORM session would add to it.
"""

import sqlite3
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import psycopg
from flask import Flask, current_app
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.sql.expression import Executable

from cms.database import POSTGRESQL_OPTIONS
from cms.errors import Unavailable

Row = tuple[Any, ...]


class SqliteReader:
    dialect = SQLiteDialect_pysqlite(paramstyle="named")
    broken = (sqlite3.OperationalError,)

    def __init__(self, url: URL) -> None:
        self._path = url.database

    def connect(self) -> sqlite3.Connection:
        # Only `cms init` makes a database; `mode=rw` never leaves an empty file behind.
        connection = sqlite3.connect(
            f"file:{self._path}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA query_only=ON")
        return connection


class PostgresqlReader:
    dialect = PGDialect_psycopg(paramstyle="pyformat")
    broken = (psycopg.OperationalError, psycopg.InterfaceError)

    def __init__(self, url: URL) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def connect(self) -> psycopg.Connection[Row]:
        return psycopg.connect(self._dsn, autocommit=True, **POSTGRESQL_OPTIONS)


class Reader:
    """Runs statements for the public. Parameters are text and integers, times as RFC 3339."""

    def __init__(self, uri: str) -> None:
        url = make_url(uri)
        self._driver = (SqliteReader if url.get_backend_name() == "sqlite" else PostgresqlReader)(
            url
        )
        self._local = threading.local()
        self.is_sqlite = isinstance(self._driver, SqliteReader)
        self._compiled = lru_cache(maxsize=2000)(self._compile)

    def rows(self, statement: Executable, parameters: Mapping[str, Any]) -> list[Row]:
        """Every row of a statement, which must be the same object at each call.

        Raises Unavailable when the database can not be reached.
        """
        sql, defaults = self._compiled(statement)
        try:
            return self._fetch(sql, {**defaults, **parameters})
        except self._driver.broken:
            # A connection may have died of old age; a read can safely be asked again, once.
            self.close()
        try:
            return self._fetch(sql, {**defaults, **parameters})
        except self._driver.broken as error:
            self.close()
            raise Unavailable() from error

    def row(self, statement: Executable, parameters: Mapping[str, Any]) -> Row | None:
        return next(iter(self.rows(statement, parameters)), None)

    def close(self) -> None:
        """Close this thread's connection; the next read opens another."""
        connection = self._local.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def _fetch(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        connection = self._local.__dict__.get("connection")
        if connection is None:
            # Opened by the thread that reads, never at import: a fork must not share it.
            connection = self._local.connection = self._driver.connect()
        return connection.execute(sql, parameters).fetchall()

    def _compile(self, statement: Executable) -> tuple[str, dict[str, Any]]:
        compiled = statement.compile(dialect=self._driver.dialect)
        defaults = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), defaults


def reader() -> Reader:
    """The application's reader."""
    return current_app.extensions["cms_reader"]


def init_app(app: Flask) -> None:
    app.extensions["cms_reader"] = Reader(app.config["SQLALCHEMY_DATABASE_URI"])
