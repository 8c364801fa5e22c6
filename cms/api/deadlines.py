"""One thread of a process that looks after all bodies that are being waited for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cms.api.cutting import cut_silent


@dataclass(eq=False)
class Wait:
    """A body that somebody waits for. `passed` says that its sender was cut off."""

    address: str
    port: int
    since: float = field(default_factory=time.monotonic)
    passed: bool = False


class Deadlines:
    """Cuts senders off who are not done after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waits: dict[int, Wait] = {}
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def kept(self, environ: dict[str, Any]) -> Iterator[Wait]:
        """Watch over the body of a request while it is read."""
        # Not when the process begins: a thread is not there any more after a fork.
        if self._thread is None:
            self._start()
        wait = Wait(environ["REMOTE_ADDR"], int(environ["SERVER_PORT"]))
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
            time.sleep(self._seconds / 10)
            self._some.clear()
            for wait in list(self._waits.values()):
                self._some.set()
                if time.monotonic() - wait.since >= self._seconds:
                    wait.passed = True
                    cut_silent(wait.address, wait.port, self._seconds)
