"""Public reads by plain driver statements: one connection a thread, no ORM and no pool.

SQLAlchemy writes each statement once, as text for the driver; Python's own drivers run it. On this
path the statement costs less than the bookkeeping that an ORM session would add to it.
"""

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from flask import Flask, current_app
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.sql.expression import Executable

from cms.database import is_absence
from cms.errors import Unavailable
from cms.extensions import db
from cms.sqlite_reads import SqliteReads

Row = tuple[Any, ...]
# Where the application keeps its reader.
EXTENSION = "cms_reader"
IN_SESSION = "cms_session_reader"

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


class Written(NamedTuple):
    """A statement as the driver takes it: `%(named)s` or `:named`."""

    sql: str
    # Those constants that could not be written into it.
    constants: dict[str, Any]
    # Whether it is planned at each call for what it is given.
    anew: bool
    # The same that also tells when it arrived, on PostgreSQL.
    at_arrival: str

    def given(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {**self.constants, **parameters} if self.constants else parameters


class Reader:
    """Runs statements for the public. Parameters are text and integers, times as RFC 3339."""

    def __init__(self, uri: str, *, is_multilingual: bool = True) -> None:
        self._driver = driver = _driver(make_url(uri))
        self.dialect = with_constants(
            driver.dialect(paramstyle=driver.paramstyle), is_multilingual=is_multilingual
        )
        self._local = threading.local()
        self.is_sqlite = isinstance(driver, SqliteReads)
        # For as long as the statements themselves are kept.
        self._written: WeakKeyDictionary[Executable, Written] = WeakKeyDictionary()

    def rows(self, statement: Executable, parameters: dict[str, Any]) -> list[Row]:
        """Every row of a statement, which must be the same object at each call.

        On PostgreSQL, a `now` of None means: as the statement arrives there, and is filled in.
        A statement with the option `planned_anew` is planned at each call for what it is given.
        Raises Unavailable when the database can not be reached or is busy.
        """
        written = self._written.get(statement) or self.compiled(statement)
        given = written.given(parameters)
        if parameters.get("now", ARRIVAL) is not None:
            return self._ask(written.sql, given, written.anew)
        found = self._ask(written.at_arrival, given, written.anew)
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
        return self._driver.fetch(self.connection(), sql, parameters, anew=anew)

    def compiled(self, statement: Executable) -> Written:
        """A statement as the driver takes it, kept for the next time."""
        compiled = statement.compile(dialect=self.dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        anew = "planned_anew" in statement.get_execution_options()
        sql = str(compiled)
        timed = sql.replace("%(now)s", ARRIVAL)
        at_arrival = "" if self.is_sqlite else WITH_ARRIVAL.format(timed)
        written = self._written[statement] = Written(sql, constants, anew, at_arrival)
        return written


def _driver(url: URL) -> Any:
    if url.get_backend_name() == "sqlite":
        return SqliteReads(url)
    from cms.postgresql_reads import PostgresqlReads

    return PostgresqlReads(url)


class SessionReader(Reader):
    """Reads inside the session's transaction, and so sees what that has changed."""

    def _fetch(self, sql: str, parameters: Mapping[str, Any], anew: bool) -> list[Row]:
        connection = db.session.connection().connection.driver_connection
        return self._driver.fetch(connection, sql, parameters, anew=anew)


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
