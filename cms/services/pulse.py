"""The cheapest question there is: which generation is this, and what time is it?

Every answer from memory needs it first. What SQLite's index of its log, or a lease, does not tell
is asked of the driver itself, on this thread's connection. On PostgreSQL it waits only so long,
whatever became of the server.
"""

import select
import sqlite3
import threading
import time
from functools import cache
from typing import Any

from cms.reading import Reader
from cms.services.lease import MARK, Lease, Mark
from cms.services.wal_index import WalIndex

# How long PostgreSQL may take to say it, in seconds.
PATIENCE = 1.0
GENERATION = "SELECT value FROM generation"
NAME = b"cms_pulse"


class Silent(Exception):
    """The database did not answer, or not in time."""


class SqlitePulse:
    # What it looks at says all that a lease would.
    is_leased = False

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._index: WalIndex | None = None
        self._is_tried = False
        # What the index began with before the generation was read, and that.
        self._seen: tuple[bytes | None, int] = (None, -1)

    def read(self) -> Mark:
        """Raises Silent."""
        try:
            # Fetched to its end: a half-read cursor would keep showing what was.
            found = self._reader.connection().execute(GENERATION).fetchall()
        except sqlite3.Error as error:
            raise Silent(str(error)) from error
        return Mark(found[0][0], _now())

    def glance(self) -> Mark:
        """The same, and the database is not asked while nothing is committed. Raises Silent."""
        header = self._index.header() if self._index else None
        seen, generation = self._seen
        if header is not None and header == seen:
            return Mark(generation, _now())
        mark = self.read()
        if not self._is_tried:
            self._open()
        self._seen = header, mark.generation
        return mark

    def _open(self) -> None:
        with self._lock:
            if not self._is_tried:
                self._is_tried = True
                self._index = _index_of(self._reader)


def _index_of(reader: Reader) -> WalIndex | None:
    """None where there is none to be had: then the database is always asked."""
    try:
        connection = reader.connect()
        # The first read makes the file, if nobody has.
        connection.execute(GENERATION).fetchall()
        return WalIndex(connection)
    except (OSError, ValueError, sqlite3.Error):
        return None


class PostgresqlPulse:
    """Speaks to libpq: the driver's own cursor takes twice the time, and waits for ever."""

    def __init__(self, reader: Reader) -> None:
        import psycopg
        from psycopg.pq import ExecStatus

        self._failures = (psycopg.Error, OSError)
        self._done = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
        self._reader, self._lease = reader, Lease(reader)
        self._here = threading.local()

    def glance(self) -> Mark:
        """What `read` says, and the database is not asked under a lease. Raises Silent."""
        known = self._lease.present()
        if known is not None:
            return known
        self._lease.missed()
        return self.read()

    @property
    def is_leased(self) -> bool:
        return self._lease.is_held

    def read(self) -> Mark:
        """Raises Silent."""
        was_open = self._reader.is_open
        try:
            return self._read()
        except TimeoutError as error:
            raise self._silent(error) from error
        except self._failures as error:
            silent = self._silent(error)
            if not was_open:
                raise silent from error
        # The connection died of old age: asked again over a new one, once.
        return self.read()

    def _read(self) -> Mark:
        connection = self._reader.connection()
        if self._here.__dict__.get("prepared") is not connection:
            self._prepare(connection)
        result = self._asked(connection.pgconn, connection.pgconn.send_query_prepared, NAME)
        return Mark(int(result.get_value(0, 0)), int(result.get_value(0, 1)))

    def _silent(self, error: Exception) -> Silent:
        # An answer that comes late must not be taken for the next one's.
        self._here.prepared = None
        self._reader.close()
        return Silent(str(error))

    def _prepare(self, connection: Any) -> None:
        self._here.poll = select.poll()
        self._here.poll.register(connection.pgconn.socket, select.POLLIN)
        self._asked(connection.pgconn, connection.pgconn.send_prepare, NAME, MARK.encode())
        self._here.prepared = connection

    def _asked(self, pg: Any, send: Any, *question: bytes) -> Any:
        """The result of one statement. Raises OSError when it takes too long, or is refused."""
        send(*question, *([[]] if len(question) == 1 else []))
        pg.flush()
        deadline = time.monotonic() + PATIENCE
        while pg.is_busy():
            left = deadline - time.monotonic()
            if left <= 0 or not self._here.poll.poll(left * 1000):
                raise TimeoutError("PostgreSQL does not answer.")
            pg.consume_input()
        result = pg.get_result()
        while pg.get_result() is not None:
            pass
        if result.status not in self._done:
            raise OSError(result.error_message.decode(errors="replace"))
        return result


def _now() -> int:
    return time.time_ns() // 1_000_000


@cache
def pulse_of(reader: Reader) -> SqlitePulse | PostgresqlPulse:
    """The only one of a reader: a statement is prepared once on each of its connections."""
    return SqlitePulse(reader) if reader.is_sqlite else PostgresqlPulse(reader)
