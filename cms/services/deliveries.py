"""What workers do with deliveries: take a receiver, send it what is due, keep what came back.

A receiver is taken by a lease on its row, so it has one sender at a time, wherever that runs. One
who dies leaves its delivery as it was, due, and the lease runs out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import and_, bindparam, exists, func, or_, select, update

from cms.extensions import db
from cms.models import Delivery, OutboxEvent, Webhook
from cms.models.base import UtcDateTime, new_id
from cms.services import clock, delivery_outcomes, webhook_signing
from cms.services.batches import BATCH
from cms.services.delivery_outcomes import Outcome
from cms.times import format_time

# Longer than an attempt can take: see `outbound`.
LEASE = timedelta(seconds=20)
# What was not received by then is given up, also where no attempt was possible.
GIVEN_UP = timedelta(days=5)


@dataclass(frozen=True)
class Lease:
    """A receiver that this worker has for a while."""

    webhook_id: str
    name: str


@dataclass(frozen=True)
class Message:
    """What is to be sent: `headers` are signed for this moment."""

    delivery_id: str
    url: str
    body: bytes
    headers: dict[str, str]


def _may_be_taken(now: object) -> object:
    return and_(
        Webhook.active,
        or_(Webhook.leased_until.is_(None), Webhook.leased_until <= now),
        or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now),
        exists().where(Delivery.webhook_id == Webhook.id, Delivery.due_at <= now),
    )


_NOW = bindparam("now", type_=UtcDateTime())
_WAITING = select(
    exists().where(OutboxEvent.fanned_out_at.is_(None)).label("events"),
    select(func.count()).select_from(Webhook).where(_may_be_taken(_NOW)).scalar_subquery(),
)


def waiting() -> tuple[bool, int]:
    """Whether there are events to fan out, and how many receivers wait for a sender.

    One cheap read, for asking again and again. Raises Unavailable.
    """
    events, receivers = clock.row_at_present(_WAITING, {})
    return bool(events), receivers


def take(now: datetime) -> Lease | None:
    """Take a receiver that something is due for: whoever was not served for longest."""
    first = (
        select(Webhook.id)
        .where(_may_be_taken(now))
        .order_by(Webhook.served_at.nulls_first(), Webhook.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    name = new_id()
    taken = db.session.scalar(
        update(Webhook)
        .where(Webhook.id == first.scalar_subquery())
        .values(lease=name, leased_until=now + LEASE, served_at=now)
        .returning(Webhook.id),
        execution_options={"synchronize_session": False},
    )
    return None if taken is None else Lease(taken, name)


def keep(lease: Lease, outcome: Outcome, now: datetime) -> None:
    """Keep what came of an attempt."""
    webhook = _locked(lease)
    delivery = db.session.get(Delivery, outcome.delivery_id, with_for_update=True)
    if webhook is None or delivery is None:
        return
    db.session.add(outcome.attempt(now))
    # Another worker has it, if the lease ran out; what was received is received all the same.
    if webhook.lease == lease.name or outcome.is_received:
        delivery_outcomes.apply(webhook, delivery, outcome, now)


def next_message(lease: Lease, now: datetime) -> Message | None:
    """What the receiver is to be sent next, with the lease prolonged; None ends the lease."""
    webhook = _locked(lease)
    if webhook is None or webhook.lease != lease.name:
        return None
    found = _first_due(webhook, now)
    if found is None:
        release(webhook)
        return None
    webhook.leased_until = now + LEASE
    delivery, event = found
    body = _body(event)
    secrets = webhook_signing.secrets(webhook, now)
    headers = webhook_signing.headers(event.id, now, body, secrets)
    return Message(delivery.id, webhook.url, body, headers)


def give_back(lease: Lease) -> None:
    """End a lease early, so that others come next."""
    webhook = _locked(lease)
    if webhook is not None and webhook.lease == lease.name:
        release(webhook)


def release(webhook: Webhook) -> None:
    webhook.lease = webhook.leased_until = None


def give_up(now: datetime) -> int:
    """Give up what waited too long; answer how many."""
    old = (
        select(Delivery.id)
        .where(Delivery.created_at < now - GIVEN_UP, Delivery.due_at.is_not(None))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    given_up = db.session.execute(
        update(Delivery).where(Delivery.id.in_(old)).values(due_at=None),
        execution_options={"synchronize_session": False},
    )
    return given_up.rowcount


def _locked(lease: Lease) -> Webhook | None:
    return db.session.get(Webhook, lease.webhook_id, with_for_update=True)


def _first_due(webhook: Webhook, now: datetime) -> tuple[Delivery, OutboxEvent] | None:
    may = webhook.active and (webhook.rests_until is None or webhook.rests_until <= now)
    statement = (
        select(Delivery, OutboxEvent)
        .join(OutboxEvent, OutboxEvent.id == Delivery.event_id)
        .where(Delivery.webhook_id == webhook.id, Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    return db.session.execute(statement).first() if may else None


def _body(event: OutboxEvent) -> bytes:
    moment = format_time(event.created_at)
    return orjson.dumps({"type": event.type, "timestamp": moment, "data": event.payload})
