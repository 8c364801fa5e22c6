"""A lease on the present: for as long as a process holds one, nothing public has changed.

On PostgreSQL alone, for who asks often what a round trip would say each time. The lease is a shared
lock of PostgreSQL's, on the number of a generation, kept by a connection of its own. Whoever has
made a newer one says so, and waits until nobody holds an older before the change is acknowledged.
So an answer under a lease is never older than what was acknowledged; nor where its process stood
still, for a lease ends by itself before others stop waiting for it.
"""

import ctypes
import errno
import logging
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any, NamedTuple

from cms.reading import ARRIVAL, Reader

log = logging.getLogger(__name__)
# Who asks more often than so within a second borrows; who has not asked for so long gives back.
OFTEN, UNUSED = 200, 2.0
# How long one is good for, how often it is looked after, and how long others wait for its end:
# all in seconds. Others wait longer than it is good for, as clocks run unevenly.
TERM, LOOK_EVERY, PATIENCE = 1.0, 0.25, 1.5
# How often others look; and how long nobody tries again where none is to be had.
WAIT, REST = 0.0005, 1.0
CHANNEL = "cms_generations"
# The largest number that a lock can have. These have two: the other is the table's, so that sites
# in one database have their own.
MOST = 2**31 - 1
CLASS = f"CAST(CAST(CAST('generation' AS regclass) AS bigint) & {MOST} AS integer)"
MARK = f"SELECT value, CAST(extract(epoch FROM {ARRIVAL}) * 1000 AS bigint) FROM generation"  # noqa: S608
HOLDERS = (
    "FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    f" AND classid = CAST({CLASS} AS oid) AND objsubid = 2 AND objid < %s"
)
PRESENT = "SELECT value FROM generation"
IS_HELD = f"SELECT EXISTS (SELECT 1 {HOLDERS})"
END = f"SELECT count(pg_terminate_backend(pid)) {HOLDERS}"
# A clock that goes on while a machine sleeps.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

# Called without letting go of the interpreter: that would cost more than the call.
_recv = ctypes.PyDLL(None, use_errno=True).recv
_recv.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_recv.restype = ctypes.c_ssize_t
_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT
_room = ctypes.create_string_buffer(1)


def _now() -> float:
    return time.clock_gettime(_CLOCK)


def _is_quiet(file: int) -> bool:
    """Whether a connection is open, and nothing has come over it."""
    return _recv(file, _room, 1, _PEEK) < 0 and ctypes.get_errno() == errno.EAGAIN


class Mark(NamedTuple):
    """What was asked before an answer is given. `at` is in milliseconds since 1970, and it may be
    up to `late` more.
    """

    generation: int
    at: int
    late: int = 0

    @property
    def latest(self) -> int:
        return self.at + self.late


class Held(NamedTuple):
    """What is true until `until`: the generation, and that it was `at` when this was `heard`, or up
    to `late` later. `at` and `late` are in milliseconds; the rest is in seconds of `_CLOCK`.
    """

    generation: int
    at: int
    late: int
    heard: float
    until: float
    # The connection's, which says nothing as long as all is as it was.
    file: int


class Lease:
    """Of one process. `present` is None unless one is held that is still good."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._held: Held | None = None
        self._is_told = False
        # How often was asked without one, since when; and when one was used.
        self._asked, self._since = 0, 0.0
        self._used = 0.0

    def present(self) -> Mark | None:
        """What PostgreSQL would say if it were asked."""
        held = self._held
        if held is None:
            return None
        now = _now()
        # Whatever PostgreSQL says comes before a lock is gone: that somebody has changed what is
        # public, or that it ends the connection. The thread may not have heard it yet.
        if now >= held.until or not _is_quiet(held.file):
            return None
        self._used = now
        return Mark(held.generation, held.at + int((now - held.heard) * 1000), held.late)

    @property
    def is_held(self) -> bool:
        return self._held is not None

    def missed(self) -> None:
        """Count that somebody had to ask the database."""
        now = time.monotonic()
        if now - self._since > 1.0:
            self._asked, self._since = 0, now
        self._asked += 1
        if self._asked > OFTEN and self._thread is None:
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._keep, daemon=True)
                self._asked = 0
                # Where no more threads are to be had, each asks by itself.
                with suppress(RuntimeError):
                    thread.start()
                    self._thread = thread

    def _keep(self) -> None:
        """Hold one after the other while somebody asks."""
        self._used = _now()
        try:
            with self._reader.connect() as connection:
                connection.add_notify_handler(self._hear)
                connection.execute(f"LISTEN {CHANNEL}")
                while self._hold(connection):
                    pass
        except Exception as error:
            if not isinstance(error, self._reader.failures):
                log.exception("No lease is to be had: this was not foreseen.")
            # Until another is begun, each asks by itself.
            time.sleep(REST)
        finally:
            self._held = self._thread = None

    def _hold(self, connection: Any) -> bool:
        """Hold one until it changes; whether somebody still asks."""
        generation = _read(connection).generation
        if generation > MOST:
            raise OverflowError("No lock has so high a number.")
        _lock(connection, "lock", generation)
        # Whatever is raised ends the connection, and with it the lock.
        try:
            is_asked = self._is_kept(connection, generation)
        finally:
            self._held = None
        _lock(connection, "unlock", generation)
        return is_asked

    def _is_kept(self, connection: Any, generation: int) -> bool:
        """Return when it is over: True because of a change, False because nobody asks."""
        while _now() - self._used < UNUSED:
            # What is read now is no more to be seen by who looks whether anything came.
            self._held, self._is_told = None, False
            found = _read(connection)
            # What was changed before the lock was there, or is told meanwhile.
            if found.generation != generation or self._is_told:
                return True
            self._held = found
            if self._hears(connection):
                return True
        return False

    def _hears(self, connection: Any) -> bool:
        """Wait until the next look; whether something was told before."""
        # What came along with an answer is with the driver already.
        if connection.pgconn.notifies() is not None or _comes(connection, LOOK_EVERY):
            self._hear()
        return self._is_told

    def _hear(self, *_: Any) -> None:
        self._held, self._is_told = None, True


def _read(connection: Any) -> Held:
    sent = _now()
    generation, at = connection.execute(MARK).fetchone()
    heard = _now()
    # It was that late somewhere between, and whole milliseconds were cut.
    late = int((heard - sent) * 1000) + 2
    return Held(generation, at, late, heard, sent + TERM, connection.fileno())


def _comes(connection: Any, seconds: float) -> bool:
    """Whether PostgreSQL says anything by itself, or goes away, within so long."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def _lock(connection: Any, what: str, generation: int) -> None:
    connection.execute(f"SELECT pg_advisory_{what}_shared({CLASS}, %s)", [generation])


def outlast(reader: Reader) -> None:
    """Return once nobody answers by what was before the state that is committed by now.

    Raises nothing: what is committed is.
    """
    until = time.monotonic() + PATIENCE
    # One that was open may have died of old age: then it is asked again, once.
    for _ in range(1 + reader.is_open):
        try:
            _outlast(reader, until)
            return
        except Exception as error:
            if not isinstance(error, reader.failures):
                log.exception("It can not be seen who holds a lease: this was not foreseen.")
            reader.close()
    # Leases end by themselves.
    time.sleep(max(0.0, until - time.monotonic()))


def _outlast(reader: Reader, until: float) -> None:
    connection = reader.connection()
    (generation,) = connection.execute(PRESENT).fetchone()
    is_said = False
    while connection.execute(IS_HELD, [generation]).fetchone()[0]:
        if not is_said:
            connection.execute(f"NOTIFY {CHANNEL}")
            is_said = True
        elif time.monotonic() > until:
            connection.execute(END, [generation])
            log.warning("A process kept a lease, and did nothing: its connection is ended.")
            return
        time.sleep(WAIT)
