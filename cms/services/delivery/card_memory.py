"""Cards of posts, remembered by each process while they are true.

A statement that finds posts says of each what may change by itself or with any comment, and how far
the log of public changes has come. A card is shown again if the one is as it was, and if the log
has named nothing since that the card shows.
"""

import threading
from typing import Any

from flask import Flask
from sqlalchemy import select

from cms.models import Generation
from cms.reading import Reader
from cms.services import changes
from cms.services.changes import Keys
from cms.services.pulse import Mark

PRESENT = select(Generation.value)
# Where the application keeps them.
EXTENSION = "cms_cards"
MOST_BYTES = 8_000_000
# What a card takes beside its JSON: its key, its state, and their place.
OVERHEAD = 600
# Keys of what many cards show.
NAMED = ("tag:", "category:", "author:")
OF_POST = "post:"

# The row that is shown, the approved comments, whether more may come, and the translations.
State = tuple[Any, ...]


class Cards:
    """Cards by the id of the post: the newest of them, up to a number of bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._size = most, 0
        self._known: dict[str, tuple[State, bytes]] = {}
        # Up to which public change they are known to be true.
        self._generation = -1
        self._lock = threading.Lock()

    def get(self, post_id: str, state: State) -> bytes | None:
        # No lock: this is one step of the interpreter.
        found = self._known.get(post_id)
        return found[1] if found and found[0] == state else None

    def keep(self, post_id: str, state: State, generation: int, card: bytes) -> None:
        """Remember a card that was made of what was true at a generation."""
        with self._lock:
            # What was touched since has been dropped already, and would not be again.
            if generation < self._generation:
                return
            self._drop(post_id)
            self._known[post_id] = state, card
            self._size += len(card) + OVERHEAD
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
        if touched is None or any(key.startswith(NAMED) for key in touched):
            self._known.clear()
            self._size = 0
            return
        for key in touched:
            self._drop(key.removeprefix(OF_POST))

    def _drop(self, post_id: str) -> None:
        gone = self._known.pop(post_id, None)
        if gone:
            self._size -= len(gone[1]) + OVERHEAD


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Cards()
