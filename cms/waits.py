"""Connections to PostgreSQL that nobody waits on for ever.

Its own time limits are kept by the server, so they are none where the server itself stands still:
stopped, or behind a network that drops everything. One thread of each process looks after those
who wait, and ends the connection under them; they get the error of one that was lost.
"""

import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import PGconn, PollingStatus, TransactionStatus

LOOK_EVERY = 0.25
# After so long it is asked whether the server still answers anybody; and how long it has to do so,
# in seconds. Together they are less than the three in which everybody is answered.
DOUBTFUL, ANSWERS_WITHIN = 0.75, 1.5
# How long nobody is let try anew after it did not.
SILENT = 1.0
# Longer than the server's own limits (`POSTGRESQL_OPTIONS`): what takes longer was forgotten.
MOST = 20.0
POLLED = {PollingStatus.READING: select.POLLIN, PollingStatus.WRITING: select.POLLOUT}


class Waits:
    def __init__(self) -> None:
        self._since: dict[psycopg.Connection[Any], float] = {}
        self._silent_until = 0.0
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, connection: psycopg.Connection[Any]) -> None:
        # Not when the process begins: a thread is not there any more after a fork.
        if self._thread is None:
            self._start()
        self._since[connection] = time.monotonic()
        self._some.set()

    def end(self, connection: psycopg.Connection[Any]) -> None:
        self._since.pop(connection, None)

    @property
    def found_silence(self) -> bool:
        """Whether the server answered nobody a moment ago."""
        return time.monotonic() < self._silent_until

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while self._some.wait():
            time.sleep(LOOK_EVERY)
            self._some.clear()
            if self._since:
                self._some.set()
            doubtful = list(self._longer_than(DOUBTFUL))
            silent = doubtful and _is_silent(doubtful[0])
            if silent:
                self._silent_until = time.monotonic() + SILENT
            for connection in self._longer_than(DOUBTFUL if silent else MOST):
                _cut(connection)

    def _longer_than(self, seconds: float) -> Iterator[psycopg.Connection[Any]]:
        limit = time.monotonic() - seconds
        return (one for one, since in self._since.copy().items() if since < limit)


class BoundedConnection(psycopg.Connection[Any]):
    # Whether the present transaction did more than read.
    has_written = False

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Any:
        # Whoever lost a connection by our doing asks for another at once.
        if _waits.found_silence:
            raise psycopg.OperationalError("PostgreSQL does not answer.")
        return super().connect(*args, **kwargs)

    def commit(self) -> None:
        self.has_written = False
        super().commit()

    def rollback(self) -> None:
        """End a transaction that only read as if it were kept: after a ROLLBACK the driver forgets
        every statement that it has prepared, and each would be planned anew."""
        if self.info.transaction_status is TransactionStatus.INTRANS and not self.has_written:
            self.commit()
            return
        self.has_written = False
        super().rollback()

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        waits = _waits
        waits.begin(self)
        try:
            return super().wait(*args, **kwargs)
        finally:
            waits.end(self)


def _is_silent(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server lets nobody in, not even to be refused."""
    deadline = time.monotonic() + ANSWERS_WITHIN
    asked = PGconn.connect_start(connection.info.dsn.encode())
    try:
        while (asking := asked.connect_poll()) in POLLED:
            one = select.poll()
            one.register(asked.socket, POLLED[asking])
            if not one.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return True
        return False
    finally:
        asked.finish()


def _cut(connection: psycopg.Connection[Any]) -> None:
    # It may be closed at this moment: then there is nothing to cut.
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)


def _begin_anew() -> None:
    global _waits
    _waits = Waits()


_waits = Waits()
os.register_at_fork(after_in_child=_begin_anew)
