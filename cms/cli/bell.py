"""What wakes a loop, and may be rung by whoever interrupts it."""

from contextlib import suppress
from queue import Empty, SimpleQueue


class Bell:
    """As `threading.Event`, for one who waits: `set`, `wait`, `clear`.

    A signal's handler runs in the thread that waits, between any two of its steps. An Event has a
    lock, which that thread may just have taken: its handler would wait for it, and for ever. To
    put something into this queue waits for nothing
    (https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
    """

    def __init__(self) -> None:
        self._rung: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        self._rung.put(None)

    def wait(self, seconds: float) -> None:
        with suppress(Empty):
            self._rung.get(timeout=seconds)

    def clear(self) -> None:
        with suppress(Empty):
            while True:
                self._rung.get_nowait()
