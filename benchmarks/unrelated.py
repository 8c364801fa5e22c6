"""Somebody who keeps opening and closing the comments of a post that no measured answer shows.

What readers see of it changes each time; it happens in a process of its own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from benchmarks.servers import SPAWN
from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.config import Config
from cms.database import transaction
from cms.services import posts

A_SECOND = 20
PATIENCE = 30


@contextmanager
def writing(config: Config, post_id: str) -> Iterator[Callable[[], "Writing"]]:
    """Start `with writes():` to have a public change made so often; outside of it, none."""
    going, made = SPAWN.Event(), SPAWN.Value("L", 0)
    child = SPAWN.Process(target=_write, args=(config, post_id, going, made), daemon=True)
    child.start()
    try:
        yield lambda: Writing(going, made)
    finally:
        child.terminate()
        child.join(timeout=PATIENCE)


class Writing:
    """Knows afterwards how many changes a second there were."""

    def __init__(self, going: Event, made: object) -> None:
        self._going, self._made = going, made
        self.rate = 0.0

    def __enter__(self) -> "Writing":
        before = self._made.value
        self._going.set()
        deadline = time.monotonic() + PATIENCE
        while self._made.value == before:
            if time.monotonic() > deadline:
                raise RuntimeError("The writer did not start.")
            time.sleep(0.01)
        self._before, self._start = self._made.value, time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._going.clear()
        self.rate = (self._made.value - self._before) / (time.monotonic() - self._start)


def _write(config: Config, post_id: str, going: Event, made: object) -> None:
    with any_schema(config):
        following = time.monotonic()
        while True:
            going.wait()
            # As a clock does: late once is not late for ever, and an idle time is not made up for.
            following = max(following + 1 / A_SECOND, time.monotonic() - 1 / A_SECOND)
            time.sleep(max(0.0, following - time.monotonic()))
            with transaction():
                posts.edit(OPERATOR, post_id, None, {"comments_open": bool(made.value % 2)})
            made.value += 1
