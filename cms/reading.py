"""Public reads by plain driver statements: one connection a thread, no ORM and no pool.

SQLAlchemy writes each statement once, as text for the driver; Python's own drivers run it. On this
path the statement costs less than the bookkeeping that an ORM session would add to it.
"""

import sqlite3
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.sql.expression import Executable

from cms.database import POSTGRESQL_OPTIONS, is_absence, sqlite_code
from cms.errors import Unavailable
from cms.extensions import db

Row = tuple[Any, ...]
# Where the application keeps its reader.
EXTENSION = "cms_reader"
IN_SESSION = "cms_session_reader"

# A public statement has one good plan, whatever it is asked: from index to index. So it is prepared
# and planned once, where planning would cost more than running; and no index is walked to merge it.
# To start other processes for one would take longer than all of it.
ONE_PLAN_EACH = (
    "-c plan_cache_mode=force_generic_plan -c enable_mergejoin=off -c enable_hashjoin=off"
    " -c max_parallel_workers_per_gather=0"
)
READ_ONLY = "-c default_transaction_read_only=on"
# How long a public read may take on SQLite; and after how many of its steps that is looked at: some
# milliseconds.
READ_SECONDS, ASKED_EVERY = 10.0, 1_000_000
# PostgreSQL's clock, once for each statement; asked for by itself, it would be a second round trip.
ARRIVAL = "date_trunc('milliseconds', statement_timestamp())"
# Always a row, so that the time is known also where nothing is found. The outer side of the join
# is this one row, so the found ones keep their order.
WITH_ARRIVAL = (
    f"SELECT arrival.now, found.* FROM (SELECT {ARRIVAL} AS now) AS arrival"  # noqa: S608
    " LEFT JOIN LATERAL (SELECT TRUE, asked.* FROM ({}) AS asked) AS found ON TRUE"
)


def with_constants(dialect: Dialect, *, is_multilingual: bool) -> Dialect:
    """Have what never changes written into the statement: binding it costs more than parsing it.

    `is_multilingual` is for `sql.if_multilingual`.
    """

    class Compiler(dialect.statement_compiler):
        def visit_bindparam(self, bindparam: Any, *args: Any, **kwargs: Any) -> str:
            # A parameter without a value is one that `rows` is given.
            constant = bindparam.value is not None
            return super().visit_bindparam(
                bindparam, *args, **(kwargs | {"literal_binds": True} if constant else kwargs)
            )

    dialect.statement_compiler, dialect.is_multilingual = Compiler, is_multilingual
    return dialect


class _Deadline(threading.local):
    # Whoever has a connection to themselves is given as long as they need.
    until = float("inf")


class SqliteReader:
    dialect, paramstyle = SQLiteDialect_pysqlite, "named"
    failures = (sqlite3.OperationalError,)

    def __init__(self, url: URL) -> None:
        self._path = url.database
        # Until when what a thread reads may take, by this machine's steady clock.
        self._local = _Deadline()

    def connect(self) -> sqlite3.Connection:
        # Only `cms init` makes a database; `mode=rw` never leaves an empty file behind.
        connection = sqlite3.connect(
            f"file:{quote(self._path)}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA query_only=ON")
        # Pages at hand, in kB; SQLite checks at each read that they are the latest. Each thread has
        # as many, the system has the rest: with a megabyte more, a post takes a hundredth less.
        connection.execute("PRAGMA cache_size=-1500")
        # A read ends after some seconds, as on PostgreSQL: SQLite asks now and then.
        connection.set_progress_handler(self._is_late, ASKED_EVERY)
        return connection

    def _is_late(self) -> bool:
        return time.monotonic() > self._local.until

    def execute(self, connection: Any, sql: str, parameters: Any, **_: bool) -> Any:
        self._local.until = time.monotonic() + READ_SECONDS
        # It plans at each call, and looks at no values.
        return connection.execute(sql, parameters)

    def is_lost(self, _connection: sqlite3.Connection, error: sqlite3.Error) -> bool:
        return sqlite_code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}


class PostgresqlReader:
    dialect, paramstyle = PGDialect_psycopg, "pyformat"

    def __init__(self, url: URL) -> None:
        import psycopg

        from cms.waits import BoundedConnection

        self.failures = (psycopg.OperationalError, psycopg.InterfaceError)
        self._cursor, self._connection = psycopg.ClientCursor, BoundedConnection
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def connect(self) -> Any:
        options = POSTGRESQL_OPTIONS | {
            "options": f"{POSTGRESQL_OPTIONS['options']} {ONE_PLAN_EACH} {READ_ONLY}",
        }
        options |= {"autocommit": True, "prepare_threshold": 0}
        return self._connection.connect(self._dsn, **options)

    def execute(self, connection: Any, sql: str, parameters: Any, *, anew: bool) -> Any:
        if anew:
            # Values written into the text, so that they are planned for.
            return self._cursor(connection).execute(sql, parameters)
        return connection.execute(sql, parameters)

    def is_lost(self, connection: Any, _error: Exception) -> bool:
        # A statement that timed out is "operational" as well, and would time out again.
        return connection.closed


class Reader:
    """Runs statements for the public. Parameters are text and integers, times as RFC 3339."""

    def __init__(self, uri: str, *, is_multilingual: bool = True) -> None:
        url = make_url(uri)
        kind = SqliteReader if url.get_backend_name() == "sqlite" else PostgresqlReader
        self._driver = kind(url)
        self.dialect = with_constants(
            kind.dialect(paramstyle=kind.paramstyle), is_multilingual=is_multilingual
        )
        self._local = threading.local()
        self.is_sqlite = isinstance(self._driver, SqliteReader)
        self._compiled = lru_cache(maxsize=400)(self._compile)

    def rows(self, statement: Executable, parameters: dict[str, Any]) -> list[Row]:
        """Every row of a statement, which must be the same object at each call.

        On PostgreSQL, a `now` of None means: as the statement arrives there, and is filled in.
        A statement with the option `planned_anew` is planned at each call for what it is given.
        Raises Unavailable when the database can not be reached or is busy.
        """
        sql, constants, anew = self._compiled(statement)
        given = {**constants, **parameters} if constants else parameters
        if parameters.get("now", ARRIVAL) is not None:
            return self._ask(sql, given, anew)
        found = self._ask(WITH_ARRIVAL.format(sql.replace("%(now)s", ARRIVAL)), given, anew)
        parameters["now"] = found[0][0]
        return [row[2:] for row in found if row[1]]

    def row(self, statement: Executable, parameters: dict[str, Any]) -> Row | None:
        return next(iter(self.rows(statement, parameters)), None)

    @property
    def is_open(self) -> bool:
        """Whether this thread has a connection already, which may have died of old age."""
        return "connection" in self._local.__dict__

    def close(self) -> None:
        """Close this thread's connection; the next read opens another."""
        connection = self._local.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def _ask(self, sql: str, parameters: Mapping[str, Any], anew: bool) -> list[Row]:
        old = self._local.__dict__.get("connection")
        try:
            return self._fetch(sql, parameters, anew)
        except self._driver.failures as error:
            if old is None or not self._driver.is_lost(old, error):
                if is_absence(error):
                    raise Unavailable() from error
                raise
        # It died of old age; a read can safely be asked again, once.
        self.close()
        return self._ask(sql, parameters, anew)

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What the driver raises where the database is away, or busy."""
        return self._driver.failures

    def connect(self) -> Any:
        """A connection of its own, for who keeps it."""
        return self._driver.connect()

    def connection(self) -> Any:
        """This thread's connection to the database, as the driver makes it."""
        try:
            return self._local.connection
        except AttributeError:
            # Opened by the thread that reads, never at import: a fork must not share it.
            connection = self._local.connection = self._driver.connect()
            return connection

    def _fetch(self, sql: str, parameters: Mapping[str, Any], anew: bool) -> list[Row]:
        return self._driver.execute(self.connection(), sql, parameters, anew=anew).fetchall()

    def _compile(self, statement: Executable) -> tuple[str, dict[str, Any], bool]:
        """The text, those constants that could not be written into it, and `planned_anew`."""
        compiled = statement.compile(dialect=self.dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), constants, "planned_anew" in statement.get_execution_options()


class SessionReader(Reader):
    """Reads inside the session's transaction, and so sees what that has changed."""

    def _fetch(self, sql: str, parameters: Mapping[str, Any], anew: bool) -> list[Row]:
        connection = db.session.connection().connection.driver_connection
        return self._driver.execute(connection, sql, parameters, anew=anew).fetchall()


def reader() -> Reader:
    """The application's reader."""
    return current_app.extensions[EXTENSION]


def session_reader() -> Reader:
    """A reader that sees what the session has changed and not committed."""
    return current_app.extensions[IN_SESSION]


def init_app(app: Flask) -> None:
    uri, several = app.config["SQLALCHEMY_DATABASE_URI"], len(app.config["CMS"].locales) > 1
    app.extensions[EXTENSION] = Reader(uri, is_multilingual=several)
    app.extensions[IN_SESSION] = SessionReader(uri, is_multilingual=several)
