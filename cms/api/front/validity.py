"""Whether what is in memory is still what the database would say.

Before each answer the pulse tells the generation and the time. Where both are as they were,
nothing has changed; else what was logged since, and what has begun or ended since, is dropped
first. Answers are taken in only if nothing that they hold was dropped while they were built.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from cms.api.front.answers import Answer
from cms.api.front.store import Address, Store
from cms.errors import Unavailable
from cms.reading import Reader
from cms.services import changes
from cms.services.changes import Flip, Keys
from cms.services.generation import EVERYTHING
from cms.services.lease import TERM
from cms.services.pulse import Mark, Silent, pulse_of

# How often what is known is read anew because others wrote meanwhile.
ATTEMPTS = 5
# How many changed keys are remembered, for answers that are being built.
MOST_REMEMBERED = 20_000
# More flips at once are not looked at one by one.
MOST_AT_ONCE = 50
# How long the last state that was known may be shown while the database is away, in seconds: with
# one more, in which a lease goes on, they are 60.
MOST_AWAY = 60.0 - TERM
# How often a database that is away is asked whether it is back, in seconds.
ASKED_EVERY = 0.5
FOR_EVER = 1 << 62


class Away(Exception):
    """The database can not say what is true. `at` is the time that it would tell; None where what
    is in memory must not be shown any more."""

    def __init__(self, at: int | None) -> None:
        super().__init__("The database is away.")
        self.at = at


class Window(NamedTuple):
    """The generation, and the time within which nothing flips: `since <= now < until`."""

    generation: int
    since: int
    until: int

    def holds(self, mark: Mark) -> bool:
        is_within = self.since <= mark.at and mark.latest < self.until
        return is_within and mark.generation == self.generation


class Validity:
    """Keeps a store true."""

    def __init__(self, reader: Reader, store: Store) -> None:
        self._reader, self._store = reader, store
        self._pulse = pulse_of(reader)
        self._lock, self._probing = threading.Lock(), threading.Lock()
        self._flips: list[Flip] = []
        # How often anything was dropped; and for each key, when that was last, in both measures.
        self.tick = 0
        self._dropped: dict[str, tuple[int, int]] = {}
        self._floor = (0, 0)
        self.window = Window(-1, 0, 0)
        # By this machine's own steady clock: when it was last known what the database says, by
        # itself or under a lease, and its time then.
        self._heard, self._said = 0.0, 0
        self._away_until: float | None = None

    @property
    def is_leased(self) -> bool:
        """Whether this process answers without asking the database each time."""
        return self._pulse.is_leased

    def check(self, *, surely: bool = False) -> Mark:
        """Make the store true; answer what it is true for. Raises Away.

        `surely` asks the database itself, for who is going to need it.
        """
        try:
            mark = self._ask(self._pulse.read if surely else self._pulse.glance)
            return mark if self.window.holds(mark) else self._catch_up()
        except Unavailable:
            raise self._lost() from None

    def take_in(self, address: Address, answer: Answer, tick: int) -> None:
        """Keep an answer that was begun at `tick`, unless what it holds has changed since."""
        with self._lock:
            found = [self._dropped.get(key, self._floor) for key in answer.keys]
            found.append(self._floor)
            answer.changed_at = max(at for _, at in found)
            if max(number for number, _ in found) <= tick:
                self._store.add(address, answer)
            else:
                answer.changed_at = None

    def forget(self) -> None:
        """Drop everything: for who changed the database past all our ways."""
        with self._lock:
            self._drop(None, self.window.since)
            self.window = Window(-1, 0, 0)
            self._away_until = None

    def knock(self, ask: Callable[[], Mark] | None = None) -> Mark:
        """Ask whether the database answers, and learn nothing else. Raises Away."""
        try:
            not_before = self._away_until
            return (ask or self._pulse.read)() if not_before is None else self._probe(not_before)
        except Silent:
            raise self._lost() from None

    def _ask(self, ask: Callable[[], Mark]) -> Mark:
        mark = self.knock(ask)
        self._heard, self._said = time.monotonic(), mark.latest
        return mark

    def _probe(self, not_before: float) -> Mark:
        """Ask a database that was away: one thread at a time, and not too often."""
        if time.monotonic() < not_before or not self._probing.acquire(blocking=False):
            raise self._away()
        try:
            mark = self._pulse.read()
            self._away_until = None
            return mark
        finally:
            self._probing.release()

    def _lost(self) -> Away:
        self._away_until = time.monotonic() + ASKED_EVERY
        return self._away()

    def _away(self) -> Away:
        passed = time.monotonic() - self._heard
        at = self._said + int(passed * 1000)
        shown = self.window.generation >= 0 and passed <= MOST_AWAY and at < self.window.until
        return Away(at if shown else None)

    def _catch_up(self) -> Mark:
        with self._lock:
            mark = self._ask(self._pulse.read)
            for _ in range(ATTEMPTS):
                if self.window.holds(mark):
                    break
                mark = self._learn(mark)
            return mark

    def _learn(self, mark: Mark) -> Mark:
        """Drop what has changed. The window moves last: nobody may trust it before."""
        known = self.window
        for _ in range(ATTEMPTS):
            touched = self._keys_of_changes(known.generation, mark)
            due = self._keys_of_flips(mark)
            flips = changes.flips_after(self._reader, mark)
            again = self._ask(self._pulse.read)
            # What was read in between is of one state, unless that has changed meanwhile.
            same = again.generation == mark.generation
            if same:
                break
            mark = again
        lost = not same or touched is None or due is None or mark.at < known.since
        if lost or touched or due:
            self._drop(None if lost else touched | due, mark.at)
        self._flips = flips
        until = flips[0].at if flips else FOR_EVER
        self.window = Window(mark.generation, mark.at, until if same else mark.at)
        return again

    def _keys_of_changes(self, after: int, mark: Mark) -> Keys | None:
        """The keys of what was changed, and of who shows it by now; None for who knows what."""
        touched = changes.keys_between(self._reader, after, mark)
        return touched and changes.reached(self._reader, touched, mark)

    def _keys_of_flips(self, mark: Mark) -> Keys | None:
        """The keys of what has begun or ended by itself; None for too much, or who knows what."""
        due = [flip for flip in self._flips if flip.at <= mark.at]
        unknown = len(due) == len(self._flips) == changes.MOST_FLIPS
        if unknown or len(due) > MOST_AT_ONCE:
            return None
        return changes.keys_of_flips(self._reader, due, mark)

    def _drop(self, keys: Keys | None, at: int) -> None:
        self.tick += 1
        if keys is None or len(self._dropped) > MOST_REMEMBERED:
            self._floor = (self.tick, at)
            self._dropped.clear()
        if keys is None:
            self._store.clear()
            return
        keys = keys | {EVERYTHING}
        self._dropped.update(dict.fromkeys(keys, (self.tick, at)))
        self._store.drop(keys)
