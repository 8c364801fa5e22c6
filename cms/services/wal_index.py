"""SQLite's index of its log, the `-shm` file: what tells that nothing was committed, unasked.

It begins with two copies of a header that every commit changes, a counter among it, before it is
acknowledged (https://www.sqlite.org/walformat.html, 2.1). All processes share these bytes. To ask
SQLite takes as little time alone, but lets go of the interpreter on the way, which other threads
then take.
"""

import mmap
import os
import sqlite3

HEADERS = 96


class WalIndex:
    """Looks at the index of a connection's database, which must be read in WAL mode already.

    Raises OSError, ValueError without an index.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        # Neither is ever closed. Who has the database open keeps SQLite from shortening the file,
        # and to close any descriptor of a file ends all locks that this process has on it.
        self._connection = connection
        _, _, path = connection.execute("PRAGMA database_list").fetchone()
        self._file = os.open(f"{path}-shm", os.O_RDONLY)
        self._bytes = mmap.mmap(self._file, HEADERS, prot=mmap.PROT_READ)

    def header(self) -> bytes:
        """As long as it is the same, so is the database. Half written, it is another."""
        return self._bytes[:HEADERS]
