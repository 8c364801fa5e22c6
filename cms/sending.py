"""Send what waits: fan events out, and serve many receivers at once, each by one sender.

Nothing is sent inside a transaction. A sender takes a receiver in one, sends, and keeps what came
back in another; what it had not kept when it died is sent again, under the same id.
"""

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from flask import Flask

from cms.database import log_failure, transaction
from cms.services import clock, deliveries, outbound, outbox
from cms.services.batches import BATCH
from cms.services.deliveries import Lease, Message
from cms.services.delivery_outcomes import Outcome

log = logging.getLogger(__name__)
# How many receivers are served at once by this process.
SENDERS = 8
# How often it is looked whether something waits, in seconds; and after a failure.
LOOKS_EVERY, LOOKS_AFTER_FAILURE = 0.25, 5.0
# How long a receiver is served before another has its turn.
TURN_SECONDS = 15


class Senders:
    def __init__(self, app: Flask, ending: threading.Event) -> None:
        self._app, self._ending = app, ending
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")
        self._busy: set[Future[Any]] = set()

    def run(self) -> None:
        """Send what comes, until the event is set and the last attempts have ended."""
        pause = 0.0
        with self._pool:
            while not self._ending.wait(pause):
                pause = LOOKS_EVERY if self._look() else LOOKS_AFTER_FAILURE

    def run_out(self) -> None:
        """Send all that is due now."""
        with self._pool:
            while self._look() and self._busy and not self._ending.is_set():
                for one in list(self._busy):
                    one.result()

    def _look(self) -> bool:
        """Set senders to work if something waits. Whether that went well."""
        try:
            with self._app.app_context():
                events, receivers = deliveries.waiting()
                if events:
                    _fan_out()
                    _, receivers = deliveries.waiting()
        except Exception as error:
            log_failure(log, error, "Events could not be fanned out.")
            return False
        self._busy = {one for one in self._busy if not one.done()}
        for _ in range(min(receivers, SENDERS - len(self._busy))):
            self._busy.add(self._pool.submit(self._serve))
        return True

    def _serve(self) -> None:
        """Take receivers, one after the other, as long as something is due."""
        try:
            with self._app.app_context():
                while not self._ending.is_set():
                    with transaction():
                        lease = deliveries.take(clock.now())
                    if lease is None:
                        return
                    self._send_to(lease)
        except Exception as error:
            log_failure(log, error, "A sender stopped.")

    def _send_to(self, lease: Lease) -> None:
        end = time.monotonic() + TURN_SECONDS
        with transaction():
            message = deliveries.next_message(lease, clock.now())
        while message is not None:
            outcome = self._attempted(message)
            with transaction():
                deliveries.keep(lease, outcome, clock.now())
                if time.monotonic() < end and not self._ending.is_set():
                    message = deliveries.next_message(lease, clock.now())
                else:
                    message = deliveries.give_back(lease)

    def _attempted(self, message: Message) -> Outcome:
        began = time.monotonic()
        found: dict[str, Any] = {}
        try:
            config = self._app.config["CMS"]
            found["answer"] = outbound.post(message.url, message.body, message.headers, config)
        except outbound.Failed as error:
            found["failure"] = str(error)
        took = round(1000 * (time.monotonic() - began))
        return Outcome(message.delivery_id, took, **found)


def _fan_out() -> None:
    done = BATCH
    while done == BATCH:
        with transaction():
            done = outbox.fan_out(clock.now())
