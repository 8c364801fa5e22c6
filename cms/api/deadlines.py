"""One thread of a process that looks after all bodies that are being waited for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cms.api.cutting import cut_silent

LOOK_EVERY = 1.0


@dataclass(eq=False)
class Wait:
    """A body that somebody waits for. `passed` says that its sender was cut off."""

    address: str
    port: int
    seconds: float
    since: float = field(default_factory=time.monotonic)
    passed: bool = False


class Deadlines:
    """Cuts senders off who are not done in time."""

    def __init__(self) -> None:
        self._waits: dict[int, Wait] = {}
        self._some = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def kept(self, environ: dict[str, Any], seconds: float) -> Iterator[Wait]:
        """Watch over the body of a request while it is read, which may take so long."""
        # Not when the process begins: a thread is not there any more after a fork.
        if self._thread is None:
            self._start()
        wait = Wait(environ.get("REMOTE_ADDR", ""), int(environ["SERVER_PORT"]), seconds)
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
            for wait in list(self._waits.values()):
                self._some.set()
                if time.monotonic() - wait.since >= wait.seconds:
                    wait.passed = True
                    cut_silent(wait.address, wait.port, wait.seconds)
