"""Finished JSON that each process remembers while it is true: cards of posts, and what they name.

Everything is known by the key that the log of public changes has for it. The statement that finds
posts says how far that log has come, in the same snapshot; what it has named since is forgotten
first.
"""

import threading
from typing import Any

from flask import Flask
from sqlalchemy import select

from cms.models import Generation
from cms.reading import Reader
from cms.services import changes
from cms.services.changes import Keys
from cms.services.generation import OPENNESS
from cms.services.pulse import Mark

PRESENT = select(Generation.value)
# Where the application keeps them.
EXTENSION = "cms_memory"
MOST_BYTES = 4_000_000
# What each takes beside its JSON: its key, its state, and their place.
OVERHEAD = 600
# Keys of what many cards show; which ones is not kept.
IN_MANY = ("tag:", "category:", "author:", OPENNESS)

# What else must be as it was: see who keeps it.
State = tuple[Any, ...]
Remembered = tuple[State, bytes]


class Memory:
    """JSON by key, with the state that it is true in: the newest, up to a number of bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._size = most, 0
        self._known: dict[str, Remembered] = {}
        # What is remembered by a key, or None. No lock: this is one step of the interpreter. It is
        # of this dict, which is emptied, and never another.
        self.get = self._known.get
        # Up to which public change they are known to be true.
        self._generation = -1
        self._lock = threading.Lock()

    def keep(self, key: str, state: State, generation: int, made: bytes) -> None:
        """Remember what was made of what was true at a generation."""
        with self._lock:
            # What was touched since has been dropped already, and would not be again.
            if generation < self._generation:
                return
            self._drop(key)
            self._known[key] = state, made
            self._size += len(made) + OVERHEAD
            while self._size > self._most:
                self._drop(next(iter(self._known)))

    def learn(self, reader: Reader, generation: int) -> None:
        """Drop what was touched up to a generation, which somebody has just read."""
        known = self._generation
        if generation == known:
            return
        if generation < known:
            self._go_back(reader)
            return
        touched = changes.keys_between(reader, known, Mark(generation, 0)) if known >= 0 else None
        with self._lock:
            # Another thread may have learned more meanwhile.
            if generation > self._generation:
                self._forget(touched)
                self._generation = generation

    def _go_back(self, reader: Reader) -> None:
        """Forget all that is later than the database, where a copy of it was put back."""
        # As a rule, another thread has only learned more meanwhile.
        present = reader.rows(PRESENT, {})[0][0]
        with self._lock:
            if present < self._generation:
                self._forget(None)
                self._generation = present

    def _forget(self, touched: Keys | None) -> None:
        """Drop what was touched; None for who knows what."""
        if touched is None or any(key.startswith(IN_MANY) for key in touched):
            self._known.clear()
            self._size = 0
            return
        for key in touched:
            self._drop(key)

    def _drop(self, key: str) -> None:
        gone = self._known.pop(key, None)
        if gone:
            self._size -= len(gone[1]) + OVERHEAD


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Memory()
