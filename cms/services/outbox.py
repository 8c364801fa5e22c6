"""Write events now, send them later: each to all who want it, by a worker."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, select

from cms import writing
from cms.database import before_commit
from cms.extensions import db
from cms.models import Delivery, OutboxEvent, Webhook
from cms.services import mail_causes
from cms.services.batches import BATCH

# How long events, and what became of them, can be looked up.
KEPT = timedelta(days=30)
NOTED = "outbox"
EVENT = insert(OutboxEvent.__table__)


def record(event_type: str, now: datetime, **payload: object) -> None:
    """Queue an event in the caller's transaction: it is sent if and only if the change is kept."""
    db.session.info.setdefault(NOTED, []).append(event(event_type, now, payload))


def event(event_type: str, now: datetime, payload: dict[str, Any]) -> dict[str, Any]:
    """The values of one event, for `EVENT`."""
    return {"type": event_type, "payload": payload, "created_at": now}


@before_commit
def _write() -> None:
    """All events of a transaction at once, in their order."""
    events = db.session.info.pop(NOTED, None)
    if events:
        writing.run(EVENT, *events)


def fan_out(now: datetime) -> int:
    """Make a delivery of each new event for everyone who wants it; answer how many events."""
    events = db.session.scalars(
        select(OutboxEvent)
        .where(OutboxEvent.fanned_out_at.is_(None))
        .order_by(OutboxEvent.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    receivers = _receivers() if events else []
    mail_causes.follow(events, now)
    for new in events:
        new.fanned_out_at = now
        db.session.add_all(
            Delivery(event_id=new.id, webhook_id=one.id, created_at=now, due_at=now)
            for one in receivers
            if one.wants(new.type) and _was_there(one, new, now)
        )
    return len(events)


def _receivers() -> Sequence[Webhook]:
    # None of them goes before its deliveries are there.
    active = select(Webhook).where(Webhook.active).order_by(Webhook.id)
    return db.session.scalars(active.with_for_update(read=True, key_share=True)).all()


def _was_there(webhook: Webhook, event: OutboxEvent, now: datetime) -> bool:
    """Whether it was made before the event; one of the future, before the clock was set back."""
    return webhook.created_at <= event.created_at or webhook.created_at > now


def sweep(now: datetime) -> int:
    """Forget old events that wait for nobody, with their deliveries; answer how many."""
    waits = exists().where(Delivery.event_id == OutboxEvent.id, Delivery.due_at.is_not(None))
    old = (
        select(OutboxEvent.id)
        .where(OutboxEvent.created_at < now - KEPT, OutboxEvent.fanned_out_at.is_not(None), ~waits)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    swept = db.session.execute(
        delete(OutboxEvent).where(OutboxEvent.id.in_(old)),
        execution_options={"synchronize_session": False},
    )
    return swept.rowcount
