"""What follows from an attempt: received, tried again later, or given up."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from cms.actor import SYSTEM
from cms.models import Delivery, DeliveryAttempt, Webhook
from cms.models.webhook import MOST_ATTEMPTS, WAITS
from cms.services import audit
from cms.services.outbound import Answer

GONE = 410
BUSY = {429, 503}
# By how much a wait may be longer than it says, so that not all come back at once.
JITTER = 0.1
LONGEST_ASKED = timedelta(days=1)
# Of a receiver that asks to be left alone, and of one that does not answer.
LONGEST_REST = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


@dataclass(frozen=True)
class Outcome:
    """An attempt: what came back, or why nothing did."""

    delivery_id: str
    milliseconds: int
    answer: Answer | None = None
    failure: str | None = None

    @property
    def status(self) -> int | None:
        return None if self.answer is None else self.answer.status

    @property
    def is_received(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def asked_wait(self, now: datetime) -> timedelta:
        return timedelta(0) if self.answer is None else wait_of(self.answer.retry_after, now)

    def attempt(self, now: datetime) -> DeliveryAttempt:
        """The line of the log: of what was sent nothing, of the answer its beginning."""
        raw = b"" if self.answer is None else self.answer.excerpt
        text = raw.decode("utf-8", "replace")
        return DeliveryAttempt(
            delivery_id=self.delivery_id,
            at=now,
            milliseconds=self.milliseconds,
            status_code=self.status,
            failure=self.failure,
            excerpt="".join(one if one.isprintable() else " " for one in text)[:1024],
        )


def apply(webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Settle a delivery, and how its receiver is treated from now on. Both rows are locked."""
    delivery.attempts += 1
    _let_rest(webhook, outcome, now)
    if outcome.is_received:
        delivery.received_at, delivery.due_at = now, None
    elif outcome.status == GONE:
        delivery.due_at = None
        _switch_off(webhook, now)
    else:
        delivery.due_at = _next(delivery.attempts, outcome, now)


def wait_of(retry_after: str, now: datetime) -> timedelta:
    """The header `Retry-After`, as seconds or a date; nothing for what is neither."""
    if retry_after.isdecimal() and len(retry_after) < 10:
        return timedelta(seconds=int(retry_after))
    try:
        moment = parsedate_to_datetime(retry_after)
        return max(timedelta(0), moment.replace(tzinfo=moment.tzinfo or UTC) - now)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)


def _next(attempts: int, outcome: Outcome, now: datetime) -> datetime | None:
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = WAITS[attempts - 1] * (1 + random.uniform(0, JITTER))  # noqa: S311 - no secret
    return now + max(wait, min(outcome.asked_wait(now), LONGEST_ASKED))


def _let_rest(webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    """Each wait for one that does not answer costs a sender: so at ever longer distances."""
    webhook.unanswered = 0 if outcome.answer else webhook.unanswered + 1
    pause = timedelta(0)
    if outcome.answer is None:
        pause = min(FIRST_PAUSE * 2 ** min(webhook.unanswered - 1, 10), LONGEST_PAUSE)
    elif outcome.status in BUSY:
        pause = min(outcome.asked_wait(now), LONGEST_REST)
    webhook.rests_until = now + pause if pause else None


def _switch_off(webhook: Webhook, now: datetime) -> None:
    webhook.active = False
    webhook.changed(now)
    audit.record(SYSTEM, "webhook.switched_off", webhook.id, now, ["active"])
