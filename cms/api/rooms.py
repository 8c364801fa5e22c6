"""Where requests wait for their bodies, so that some threads of a process always answer others.

Files have a room of their own: one may take minutes, and what its sender saves meanwhile does not
wait for it.
"""

import threading
import time
from typing import NamedTuple

# How long a request waits for a body that does not come, before it is sent away, in seconds.
PATIENCE = 0.1
# How long it waits behind bodies that come one after another.
LONGEST_WAIT = 5.0


class Place(NamedTuple):
    """That a client's body is waited for, since a moment of the monotonic clock."""

    client: str
    since: float


class Places:
    """Threads that may wait for bodies at a time: half of them, at most, for one client."""

    def __init__(self, number: int) -> None:
        self._number = max(1, number)
        self._each = max(1, number // 2)
        self._held: list[Place] = []
        self._change = threading.Condition()

    def take(self, client: str) -> Place | None:
        """Wait for a place, and answer it, to be given to `leave`; None where there was none.

        Who waits behind quick senders waits on; behind slow ones, PATIENCE and no longer.
        """
        with self._change:
            if not self._wait(client):
                return None
            place = Place(client, time.monotonic())
            self._held.append(place)
            return place

    def leave(self, place: Place) -> None:
        with self._change:
            self._held.remove(place)
            self._change.notify_all()

    def _wait(self, client: str) -> bool:
        last = time.monotonic() + LONGEST_WAIT
        while before := self._before(client):
            now = time.monotonic()
            if now >= last or all(now - since >= PATIENCE for since in before):
                return False
            self._change.wait(PATIENCE)
        return True

    def _before(self, client: str) -> list[float]:
        """Since when those have their places who must leave one first."""
        own = [place.since for place in self._held if place.client == client]
        if len(own) >= self._each:
            return own
        everyone = [place.since for place in self._held]
        return everyone if len(everyone) >= self._number else []


class Rooms(NamedTuple):
    forms: Places
    files: Places


def shared_out(threads: int) -> Rooms:
    """The rooms of a process with so many threads, one of which never waits for a body."""
    number = max(1, threads - 1)
    if number == 1:
        # There is one place in all.
        both = Places(1)
        return Rooms(both, both)
    files = max(1, number // 3)
    return Rooms(Places(number - files), Places(files))
