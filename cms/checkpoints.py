"""SQLite's log of writes (WAL): kept short, and never copied while somebody writes.

SQLite before 3.51.3 (but for 3.44.6 and 3.50.7) may lose a transaction when one connection copies
the log into the database while another begins the log anew. So no connection copies by itself;
whoever finds the log too long does, while the write lock is held, and nobody can begin it anew.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress

# How much may gather, in bytes; a log that was longer is cut to this. Four times as much as SQLite
# itself would let: most of it is the same pages again, and copied once.
MOST = 4000 * 4096
# What each connection that writes is told.
PRAGMAS = {"wal_autocheckpoint": "0", "journal_size_limit": str(MOST)}
# How long another process may write meanwhile, in seconds. Who writes next tries again.
PATIENCE = 1.0
# How often emptying the log is tried while others read what was, or write, and how long between.
ATTEMPTS, PAUSE = 8, 0.25


def keep_short(path: str) -> None:
    """Copy the log if it has grown. Never raises: what was committed is kept either way."""
    with suppress(OSError, sqlite3.Error):
        if os.stat(f"{path}-wal").st_size > MOST:
            copy(path)


def copy(path: str) -> tuple[int, int]:
    """Copy what no reader still needs as it was: pages in the log, and copied. Raises
    sqlite3.Error."""
    with closing(_opened(path)) as lock, closing(_opened(path)) as copier:
        lock.execute("BEGIN IMMEDIATE")
        _, pages, copied = copier.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return pages, copied


def empty(path: str) -> bool:
    """Copy all of the log, and cut it to nothing; say whether that could be done.

    Whoever reads what was is in the way, and who writes without a pause: it is tried for some
    seconds. Raises sqlite3.Error.
    """
    with closing(_opened(path)) as connection:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE)
            # First under the lock: cutting copies without it where it does not get it in time, and
            # then finds next to nothing to copy.
            if _is_copied(path) and _is_cut(connection):
                return True
    return False


def _is_copied(path: str) -> bool:
    try:
        pages, copied = copy(path)
    except sqlite3.OperationalError:
        # Others write.
        return False
    return pages == copied


def _is_cut(connection: sqlite3.Connection) -> bool:
    is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def write_anew(path: str) -> None:
    """Write the whole file anew, without what was deleted. Raises sqlite3.Error."""
    with closing(_opened(path)) as connection:
        # Others write at any moment; this waits longer than they do.
        connection.execute(f"PRAGMA busy_timeout={int(ATTEMPTS * PATIENCE * 1000)}")
        connection.execute("VACUUM")


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    # Else a VACUUM would copy its log by itself, without the lock.
    connection.execute("PRAGMA wal_autocheckpoint=0")
    return connection
