"""Connections for what nobody waits for, and what may take as long as it takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def unhurried(engine: Engine) -> Iterator[Connection]:
    """One whose statements may take as long as they take; a lock is waited for as by others.

    SQLite has no limit in any case.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            yield connection
            return
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        connection.connection.driver_connection.has_time = True
        try:
            yield connection
        finally:
            # Nobody else gets a connection without a limit.
            connection.invalidate()
