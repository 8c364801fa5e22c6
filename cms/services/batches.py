"""How much a step of upkeep does in one transaction."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

# Rows; few enough that nobody waits long for them.
BATCH = 100
# What takes longer is done in parts: others want to write meanwhile.
SECONDS = 0.25
# Between two parts: SQLite's lock is for who asks while nobody holds it, and who waits asks again
# some times a second only.
PAUSE = 0.05

Row = TypeVar("Row")


def for_a_while(rows: Iterable[Row]) -> Iterator[Row]:
    """One of these at least, and no more of them once SECONDS have passed."""
    end = time.monotonic() + SECONDS
    for row in rows:
        yield row
        if time.monotonic() >= end:
            return


def let_others_write() -> None:
    """Between two parts, outside a transaction."""
    time.sleep(PAUSE)
