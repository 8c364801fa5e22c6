"""A worker process of the server, as the server holds it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from granian.server.mp import WorkerProcess

from cms.cli.draining import ENDING

# How long requests may still take when a worker is told to end at once.
LAST_SECONDS = 10
# How soon a worker that has not ended is told again.
AGAIN_SECONDS = 0.5
# A worker that fails sooner, after one that did so too, can not be helped.
SOON_SECONDS = 5


class Worker(WorkerProcess):
    """A worker process that is told to end until it does, and that one thread alone waits for.

    The system says once that a process has ended. Granian asks from two threads, and takes a
    worker for alive, kills it and complains when the other thread was told.
    """

    follows_failure = False

    def _watch(self) -> None:
        self._ended = threading.Event()
        self._lived = 0.0
        # Whatever happens to the main thread, this one keeps no process.
        threading.Thread(target=self._watcher, daemon=True).start()

    def _watcher(self) -> None:
        self.inner.join()
        self._lived = time.monotonic() - self.birth
        self._ended.set()
        self.parent.main_loop_interrupt.set()

    def join(self, timeout: float | None = None) -> None:
        """Called when it was told."""
        last = time.monotonic() + (timeout or LAST_SECONDS)
        while self.is_alive() and time.monotonic() < last:
            self._ended.wait(AGAIN_SECONDS)
            self.inner.terminate()

    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def failed_soon(self) -> bool:
        """Whether it went by itself, soon after its begin. Who was killed did not."""
        return self.inner.exitcode > 0 and self._lived < SOON_SECONDS


@contextmanager
def signals_held() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
