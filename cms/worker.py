"""Upkeep by the clock: steps over what is due, each in transactions of its own.

Any number of workers may run, on any number of machines: a step takes rows that nobody else holds,
and finds nothing where another worker was first.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask

from cms.database import log_failure, transaction
from cms.mailing import Mailer
from cms.sending import Senders
from cms.services import (
    clock,
    comment_upkeep,
    deliveries,
    flips,
    heartbeat,
    idempotency,
    limits,
    mails,
    media_files,
    outbox,
    previewing,
    related,
    reviews,
    search_filing,
    search_misses,
    search_newest,
    search_pieces,
    search_words,
    sessions,
    set_back,
)
from cms.services.batches import BATCH, PAUSE
from cms.times import utc_now

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """Something to do again and again. `run(now)` does a bounded batch, and answers how many."""

    name: str
    every: timedelta
    run: Callable[[datetime], int]
    # A run that did as many may have left some: it is repeated as soon as others had their turn.
    batch: int = BATCH
    # Off for what is slow and changes no row: SQLite has one writer, and it would wait.
    in_transaction: bool = True


def _sweep_media(_now: datetime) -> int:
    media_files.sweep()
    return 0


STEPS = [
    Step("schedules", timedelta(seconds=1), flips.sweep),
    Step("similar posts", timedelta(seconds=5), related.refresh, 1),
    Step("a clock that was set back", timedelta(minutes=1), set_back.mend),
    Step("rate limits", timedelta(minutes=5), limits.sweep),
    Step("idempotency keys", timedelta(minutes=5), idempotency.sweep),
    Step("sessions", timedelta(minutes=5), sessions.sweep),
    Step("old spam and trash", timedelta(hours=1), comment_upkeep.purge, 1),
    Step("origins of comments", timedelta(hours=1), comment_upkeep.forget_origins),
    Step("preview links", timedelta(hours=1), previewing.sweep),
    Step("events", timedelta(minutes=10), outbox.sweep),
    Step("deliveries", timedelta(minutes=10), deliveries.give_up),
    Step("mail", timedelta(hours=1), mails.sweep),
    Step("reviews", timedelta(minutes=10), reviews.announce_due),
    Step("searches without results", timedelta(hours=1), search_misses.sweep, 1),
    Step("search by exchanged terms", timedelta(seconds=5), search_filing.go_on, 1),
    Step("search index", timedelta(minutes=1), search_pieces.join, 1),
    Step("newest texts", timedelta(minutes=1), search_newest.keep, 1),
    Step("words of no text", timedelta(days=1), search_words.forget, in_transaction=False),
    Step("media", timedelta(hours=1), _sweep_media, in_transaction=False),
]


class Worker:
    def __init__(self, app: Flask, steps: Sequence[Step] = STEPS) -> None:
        self._app = app
        self._due = dict.fromkeys(steps, 0.0)
        # When each step was done, and when it failed, as far as nobody else knows yet.
        self._runs: dict[str, tuple[datetime | None, datetime | None]] = {}
        self._told = -heartbeat.EVERY.total_seconds()
        self._ending = threading.Event()

    def run(self) -> None:
        """Do what is due, and send what comes, until `end` is called."""
        senders = [Senders(self._app, self._ending), Mailer(self._app, self._ending)]
        sending = [threading.Thread(target=one.run) for one in senders]
        for one in sending:
            one.start()
        while not self._ending.wait(self._seconds_to_wait()):
            self.run_due()
        for one in sending:
            one.join()

    def run_once(self) -> None:
        """Do everything that is due, and send what waits."""
        while self.run_due():
            pass
        Senders(self._app, self._ending).run_out()
        Mailer(self._app, self._ending).run_out()

    def run_due(self) -> bool:
        """Run a batch of every step that is due, and answer whether one may have left some.

        One that fails is logged, and stops no other; one that has much to do holds up no other.
        """
        has_more = False
        for step, due in self._due.items():
            if due <= time.monotonic() and not self._ending.is_set():
                again = self._attempt(step)
                if again:
                    self._ending.wait(PAUSE)
                self._due[step] = time.monotonic() + (0 if again else step.every.total_seconds())
                has_more |= again
        if time.monotonic() - self._told >= heartbeat.EVERY.total_seconds():
            self._tell()
        return has_more and not self._ending.is_set()

    def end(self) -> None:
        """Have `run` return after the batch that is under way. Not for a handler of signals."""
        self._ending.set()

    def _seconds_to_wait(self) -> float:
        return max(0.0, min(self._due.values()) - time.monotonic())

    def _attempt(self, step: Step) -> bool:
        """Whether there may be more to do."""
        _, failed = self._runs.get(step.name, (None, None))
        try:
            done = self._run_batch(step)
        except Exception as error:
            log_failure(log, error, f"The step {step.name!r} failed.")
            self._runs[step.name] = (None, utc_now())
            return False
        self._runs[step.name] = (utc_now(), failed)
        return done >= step.batch

    def _tell(self) -> None:
        """Say what was done: not each time, which would be a write a second at rest."""
        self._told = time.monotonic()
        try:
            with self._app.app_context(), transaction():
                heartbeat.record(self._runs)
            self._runs = {}
        except Exception as error:
            log_failure(log, error, "A worker could not say that it lives.")

    def _run_batch(self, step: Step) -> int:
        with self._app.app_context(), transaction() if step.in_transaction else nullcontext():
            return step.run(clock.now())
