"""How each database is opened, and the one transaction that edges use."""

import logging
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cms import checkpoints
from cms.config import Config
from cms.errors import Unavailable
from cms.extensions import db

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    # Acknowledged means on disk.
    "synchronous": "FULL",
    "busy_timeout": "10000",
    "foreign_keys": "ON",
    "temp_store": "MEMORY",
} | checkpoints.PRAGMAS
POSTGRESQL_OPTIONS = {
    # The least that libpq knows: whoever waits is answered within three seconds.
    "connect_timeout": 2,
    "options": "-c statement_timeout=15000 -c lock_timeout=10000 -c timezone=UTC",
    "application_name": "cms",
    # Whatever the environment, the role or the database say.
    "client_encoding": "utf8",
}

# The database is there and our statement is right, but it can not be done at the moment.
SQLITE_ABSENCES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_INTERRUPT,  # It took too long.
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
INSUFFICIENT_PRIVILEGE = "42501"
# SQLite's busy handler is unfair: without this, one of many writers may wait for seconds.
_sqlite_writer = threading.Lock()
# As long as SQLite itself would wait for another process.
WRITER_SECONDS = 10
# For so many milliseconds SQLite waits for another process by itself: it looks after 1, 2 and 5.
LOOK_FOR = 8
# What this thread has open.
_here = threading.local()

# Called inside the transaction, last before the commit; and behind it, before it is acknowledged.
_before_commit: list[Callable[[], None]] = []
_after_commit: list[Callable[[], None]] = []


def is_absence(error: BaseException | None) -> bool:
    """Whether a driver's error says that the database is away, full or busy, and not that we erred:
    a missing table is our mistake, though SQLite's driver calls it "operational" as well."""
    if isinstance(error, sqlite3.OperationalError):
        return sqlite_code(error) in SQLITE_ABSENCES
    # A driver that nobody has loaded has raised nothing.
    postgresql = sys.modules.get("psycopg")
    return postgresql is not None and isinstance(error, postgresql.OperationalError)


def is_forbidden(error: BaseException | None) -> bool:
    """Whether a driver's error says that the database's role lacks a right."""
    return getattr(error, "sqlstate", None) == INSUFFICIENT_PRIVILEGE


def log_failure(log: logging.Logger, error: Exception, what: str) -> None:
    """`what` failed: in a line where the database is away, full or busy, else with a traceback."""
    cause = error.__cause__ or error
    if isinstance(error, Unavailable | PoolTimeout) or is_absence(cause):
        words = str(cause).strip().partition("\n")[0]
        log.warning("%s The database is away: %s: %s", what, type(cause).__name__, words)
    else:
        log.error(what, exc_info=error)


def sqlite_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def engine_options(config: Config) -> dict[str, Any]:
    # What people sent is not for the log.
    private = {"hide_parameters": True}
    if config.database_uri.startswith("sqlite"):
        return private
    return private | {
        "connect_args": POSTGRESQL_OPTIONS,
        "pool_size": config.threads,
        "max_overflow": 2,
        "pool_timeout": 5,
        "pool_pre_ping": True,
    }


def init_app(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            use_sqlite_well(db.engine, testing=app.config["CMS"].testing)
        else:
            use_postgresql_well(db.engine)


def use_sqlite_well(engine: Engine, *, testing: bool) -> None:
    """Take transactions over from the driver, whose own default loses updates."""
    pragmas = SQLITE_PRAGMAS | ({"synchronous": "OFF"} if testing else {})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        if mode == "IMMEDIATE":
            _begin_to_write(connection)
        else:
            connection.exec_driver_sql(f"BEGIN {mode}")


def _begin_to_write(connection: Connection) -> None:
    """Begin as soon as no other process writes. Raises what the statement does.

    SQLite's own way to wait sleeps for up to a tenth of a second while the lock lies free.
    """
    driver, until = connection.connection.driver_connection, time.monotonic() + WRITER_SECONDS
    driver.execute(f"PRAGMA busy_timeout={LOOK_FOR}")
    try:
        while _others_write(driver) and time.monotonic() < until:
            pass
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_PRAGMAS['busy_timeout']}")


def _others_write(driver: sqlite3.Connection) -> bool:
    """Begin to write; True where another process still does, False for any other outcome."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return sqlite_code(error) == sqlite3.SQLITE_BUSY
    return False


def use_postgresql_well(engine: Engine) -> None:
    """Wait for a server that stands still only so long."""
    # Here alone, as wherever its driver is named: a site on SQLite does without.
    from cms.waits import BoundedConnection

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
        return BoundedConnection.connect(*arguments, **parameters)

    @event.listens_for(engine, "after_cursor_execute")
    def note(_connection: Any, cursor: Any, *_rest: Any) -> None:
        if not (cursor.statusmessage or "").startswith("SELECT "):
            cursor.connection.has_written = True


def before_commit(step: Callable[[], None]) -> Callable[[], None]:
    """Register a step that every transaction runs last, before it commits."""
    _before_commit.append(step)
    return step


def after_commit(step: Callable[[], None]) -> Callable[[], None]:
    """Register a step that follows each commit, before anybody hears of it. It must not raise."""
    _after_commit.append(step)
    return step


@contextmanager
def transaction() -> Iterator[None]:
    """Commit once if the block succeeds; undo everything if it raises.

    Only the edges open one: an HTTP request, a command, a worker step. It starts a new database
    transaction, so that everything inside is read after the write lock is held. Raises RuntimeError
    inside another one, Unavailable when other writers do not end.
    """
    with _begun():
        yield
        db.session.flush()
        for step in _before_commit:
            step()
        db.session.commit()
        if db.engine.dialect.name == "sqlite":
            checkpoints.keep_short(db.engine.url.database)
        for step in _after_commit:
            step()


@contextmanager
def rehearsal() -> Iterator[None]:
    """Change what you like and read how it would be: nothing of it is kept."""
    with _begun():
        yield
        db.session.rollback()


@contextmanager
def _begun() -> Iterator[None]:
    sqlite = db.engine.dialect.name == "sqlite"
    with _alone(), _writer_held() if sqlite else nullcontext():
        db.session.rollback()
        # What a transaction that failed had noted for its end is not true.
        db.session.info.clear()
        try:
            db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            yield
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def _alone() -> Iterator[None]:
    """Refuse a transaction inside another: its commit would be the outer one's, or never come."""
    if getattr(_here, "has_transaction", False):
        raise RuntimeError("A transaction is open here already; only an edge opens one.")
    _here.has_transaction = True
    try:
        yield
    finally:
        _here.has_transaction = False


@contextmanager
def _writer_held() -> Iterator[None]:
    if not _sqlite_writer.acquire(timeout=WRITER_SECONDS):
        raise Unavailable("Others are writing at the moment.")
    try:
        yield
    finally:
        _sqlite_writer.release()
