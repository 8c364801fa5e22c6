"""How each database is opened, and the one transaction that edges use."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from cms.config import Config
from cms.extensions import db

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    # Acknowledged means on disk.
    "synchronous": "FULL",
    "busy_timeout": "10000",
    "foreign_keys": "ON",
    "temp_store": "MEMORY",
}
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=15000 -c lock_timeout=10000 -c timezone=UTC",
    "application_name": "cms",
}

# SQLite's busy handler is unfair: without this, one of many writers may wait for seconds.
_sqlite_writer = threading.Lock()

# Called inside the transaction, last before the commit.
_before_commit: list[Callable[[], None]] = []


def engine_options(config: Config) -> dict[str, Any]:
    if config.database_uri.startswith("sqlite"):
        return {}
    return {
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
        connection.exec_driver_sql(f"BEGIN {mode}")


def before_commit(step: Callable[[], None]) -> Callable[[], None]:
    """Register a step that every transaction runs last, before it commits."""
    _before_commit.append(step)
    return step


@contextmanager
def transaction() -> Iterator[None]:
    """Commit once if the block succeeds; undo everything if it raises.

    Only the edges open one: an HTTP request, a command, a worker step. It starts a new database
    transaction, so that everything inside is read after the write lock is held.
    """
    with _begun():
        yield
        db.session.flush()
        for step in _before_commit:
            step()
        db.session.commit()


@contextmanager
def rehearsal() -> Iterator[None]:
    """Change what you like and read how it would be: nothing of it is kept."""
    with _begun():
        yield
        db.session.rollback()


@contextmanager
def _begun() -> Iterator[None]:
    sqlite = db.engine.dialect.name == "sqlite"
    with _sqlite_writer if sqlite else nullcontext():
        db.session.rollback()
        # What a transaction that failed had noted for its end is not true.
        db.session.info.clear()
        try:
            db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            yield
        except BaseException:
            db.session.rollback()
            raise
