"""A worker process of the server ends when it is told, once or again."""

import multiprocessing
import signal
import threading
import time
from types import SimpleNamespace

from cms.cli.worker_process import LAST_SECONDS, Worker

FORK = multiprocessing.get_context("fork")


def miss_the_first_signal(ready):
    """Like a worker that was just about to wait: what comes then wakes nobody."""
    told = [threading.Event(), threading.Event()]
    signal.signal(signal.SIGTERM, lambda *_: (told[1] if told[0].is_set() else told[0]).set())
    ready.set()
    while not told[1].is_set():
        signal.pause()


def test_a_worker_that_missed_the_signal_is_told_again() -> None:
    ready = FORK.Event()
    worker = object.__new__(Worker)
    worker.parent = SimpleNamespace(main_loop_interrupt=threading.Event())
    worker.birth = time.monotonic()
    worker.inner = FORK.Process(target=miss_the_first_signal, args=(ready,), daemon=True)
    worker.inner.start()
    worker._watch()
    ready.wait()

    worker.terminate()
    worker.join(LAST_SECONDS)

    assert (worker.is_alive(), worker.inner.exitcode) == (False, 0)
    assert worker.parent.main_loop_interrupt.is_set(), "Its parent is told."
