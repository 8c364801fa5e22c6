"""One thread of a process that looks after all bodies that are being waited for."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from cms.api.cutting import Connection, cut_silent, received

LOOK_EVERY = 1.0
# What a connection may be silent for before its body is waited for, in seconds: it was idle, its
# head came, and others had the places.
LONGEST_BEFORE = 10.0


@dataclass(eq=False)
class Wait:
    """A body that somebody waits for; `most` is what its connection may bring meanwhile."""

    address: str
    port: int
    seconds: float
    most: int
    since: float = field(default_factory=time.monotonic)
    cuts: int = 0
    # What each connection had brought when we first looked, by its number.
    before: Mapping[int, int] | None = None

    @property
    def age(self) -> float:
        return time.monotonic() - self.since

    @property
    def passed(self) -> bool:
        """Whether its sender was cut off."""
        return self.cuts > 0

    def end(self) -> None:
        """Cut off whoever may be its sender."""
        # Before, for what waits goes on at once.
        self.cuts += 1
        cut_silent(self.address, self.port, self.seconds, self.suspects)

    def suspects(self, silent: list[Connection]) -> list[Connection]:
        """Whom to cut now: not who uploads meanwhile, and brings more than this body may."""
        likely = [one for one in silent if self._may_be(one)]
        if self.cuts == 1:
            return likely
        # It was none of those: its chunks are padded, or its request had waited long.
        others = [one for one in silent if one not in likely]
        return likely + sorted(others, key=self._brought)[:1]

    def _may_be(self, one: Connection) -> bool:
        return self._brought(one) <= self.most and one.silence <= self.age + LONGEST_BEFORE

    def _brought(self, one: Connection) -> int:
        return one.received - (self.before or {}).get(one.number, one.received)


class Deadlines:
    """Cuts senders off who are not done in time."""

    def __init__(self) -> None:
        self._waits: dict[int, Wait] = {}
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def kept(self, environ: dict[str, Any], seconds: float, most: int) -> Iterator[Wait]:
        """Watch over the body of a request while it is read, which may take so long.

        Its connection brings at most so many bytes meanwhile, if it is an honest one.
        """
        # Not when the process begins: a thread is not there any more after a fork.
        if self._thread is None:
            self._start()
        address, port = environ.get("REMOTE_ADDR", ""), int(environ["SERVER_PORT"])
        wait = Wait(address, port, seconds, most)
        self._waits[id(wait)] = wait
        self._some.set()
        try:
            yield wait
        finally:
            del self._waits[id(wait)]

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while self._some.wait():
            time.sleep(LOOK_EVERY)
            self._some.clear()
            # It looks again, whatever the system could not tell this time.
            with suppress(OSError):
                self._look(list(self._waits.values()))

    def _look(self, waits: list[Wait]) -> None:
        if waits:
            self._some.set()
        if new := [one for one in waits if one.before is None]:
            now = received()
            for one in new:
                one.before = now
        for wait in waits:
            if wait.age >= wait.seconds:
                wait.end()
