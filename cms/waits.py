"""Connections to PostgreSQL that nobody waits on for ever.

Its own time limits are kept by the server, so they are none where the server itself stands still:
stopped, or behind a network that drops everything. One thread of each process looks after those
who wait, and ends the connection under them; they get the error of one that was lost.
"""

import logging
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, PollingStatus, TransactionStatus

log = logging.getLogger(__name__)
LOOK_EVERY = 0.25
# After so long it is asked whether the server still answers anybody, and again so long after it
# did; and how long it has to do so, in seconds. Together they are less than the three in which
# everybody is answered.
DOUBTFUL, ANSWERS_WITHIN = 0.75, 1.5
# How long nobody is let try anew after it did not.
SILENT = 1.0
# Longer than the server's own limits (`POSTGRESQL_OPTIONS`): what takes longer was forgotten.
MOST = 20.0
# What may take as long as it takes ends only where the server answered nobody for so long.
SILENT_FOR_GOOD = 60.0
POLLED = {PollingStatus.READING: select.POLLIN, PollingStatus.WRITING: select.POLLOUT}

# Who waits, and since when.
Wait = tuple["BoundedConnection", float]


class Waits:
    def __init__(self) -> None:
        self._since: dict[BoundedConnection, float] = {}
        self._answered = 0.0
        # Since when the server answers nobody, where that was asked.
        self._silent_since: float | None = None
        self._silent_until = 0.0
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, connection: "BoundedConnection") -> None:
        # Not when the process begins: a thread is not there any more after a fork.
        if self._thread is None:
            self._start()
        self._since[connection] = time.monotonic()
        self._some.set()

    def end(self, connection: "BoundedConnection") -> None:
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
            try:
                self._look()
            except Exception:
                # Else nobody would look after those who wait from now on.
                log.exception("It could not be seen who waits for PostgreSQL.")

    def _look(self) -> None:
        silent = self._asked(self._longer_than(DOUBTFUL))
        for connection, since in self._longer_than(DOUBTFUL if silent else MOST):
            if not connection.has_time or self._is_silent_for_good():
                self._cut(connection, since)

    def _asked(self, doubtful: list[Wait]) -> bool:
        """Whether the server answers nobody, as far as these give a reason to ask."""
        now = time.monotonic()
        if not doubtful or now - self._answered < DOUBTFUL:
            self._silent_since = None
            return False
        if _is_silent([connection for connection, _ in doubtful]):
            self._silent_since = self._silent_since or now
            self._silent_until = time.monotonic() + SILENT
            return True
        self._silent_since, self._answered = None, time.monotonic()
        return False

    def _is_silent_for_good(self) -> bool:
        since = self._silent_since
        return since is not None and time.monotonic() - since > SILENT_FOR_GOOD

    def _longer_than(self, seconds: float) -> list[Wait]:
        limit = time.monotonic() - seconds
        return [(one, since) for one, since in self._since.copy().items() if since < limit]

    def _cut(self, connection: "BoundedConnection", since: float) -> None:
        # It may be closed at this moment: then there is nothing to cut.
        with suppress(OSError, psycopg.Error):
            handle = os.dup(connection.fileno())
            with socket.socket(fileno=handle) as end:
                # What was waited for came meanwhile, and another may have its place by now.
                if self._since.get(connection) == since:
                    end.shutdown(socket.SHUT_RDWR)


class BoundedConnection(psycopg.Connection[Any]):
    # Whether the present transaction did more than read.
    has_written = False
    # Whether it may take as long as it takes: see `services.unhurried`.
    has_time = False

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
        with self.bounded():
            return super().wait(*args, **kwargs)

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Whatever waits for the server in here, somebody looks after it."""
        waits = _waits
        waits.begin(self)
        try:
            yield
        finally:
            waits.end(self)


def _is_silent(doubtful: list[BoundedConnection]) -> bool:
    """Whether the server lets nobody in, not even to be refused."""
    for one in doubtful:
        # It may be closed at this moment, and say no more where it led.
        with suppress(psycopg.Error):
            return _lets_nobody_in(_address(one))
    return False


def _address(connection: BoundedConnection) -> str:
    """Where it is connected to. Its name is not looked up again, which nobody could end."""
    info = connection.info
    return make_conninfo(info.dsn, host=info.host, hostaddr=info.hostaddr, port=info.port)


def _lets_nobody_in(address: str) -> bool:
    deadline = time.monotonic() + ANSWERS_WITHIN
    asked = PGconn.connect_start(address.encode())
    try:
        while (asking := asked.connect_poll()) in POLLED:
            one = select.poll()
            one.register(asked.socket, POLLED[asking])
            if not one.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return True
        return False
    finally:
        asked.finish()


def _begin_anew() -> None:
    global _waits
    _waits = Waits()


_waits = Waits()
os.register_at_fork(after_in_child=_begin_anew)
