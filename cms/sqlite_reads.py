"""How public reads go to SQLite."""

import sqlite3
import threading
import time
from typing import Any
from urllib.parse import quote

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL

from cms.database import sqlite_code

# How long a public read may take on SQLite; and after how many of its steps that is looked at: some
# milliseconds.
READ_SECONDS, ASKED_EVERY = 10.0, 1_000_000


FOREVER = float("inf")


class _Deadline(threading.local):
    # What is not read by `fetch` may take as long as it takes.
    until = FOREVER


class SqliteReads:
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

    def fetch(self, connection: Any, sql: str, parameters: Any, **_: bool) -> list[Any]:
        self._local.until = time.monotonic() + READ_SECONDS
        try:
            # It plans at each call, and looks at no values.
            return connection.execute(sql, parameters).fetchall()
        finally:
            self._local.until = FOREVER

    def is_lost(self, _connection: sqlite3.Connection, error: sqlite3.Error) -> bool:
        return sqlite_code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
