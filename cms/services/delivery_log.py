"""What receivers were sent: look it up, send it again, or try whether anything arrives."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Delivery, OutboxEvent, Webhook
from cms.services import audit, clock, keyset, webhooks
from cms.services.cursors import Page, scope

PING = "webhook.ping"
STATUSES: dict[str, ColumnElement[bool]] = {
    "waiting": Delivery.due_at.is_not(None),
    "received": Delivery.received_at.is_not(None),
    "failed": Delivery.due_at.is_(None) & Delivery.received_at.is_(None),
}
WHOLE = (selectinload(Delivery.event), selectinload(Delivery.log))


def find(
    actor: Actor,
    webhook_id: str,
    *,
    status: str | None,
    limit: int,
    cursor: str | None,
    total: bool,
) -> Page:
    """A page of what a receiver was sent, newest first. Raises Forbidden, NotFound, Malformed."""
    webhooks.get(actor, webhook_id)
    mine = select(Delivery).where(Delivery.webhook_id == webhook_id).options(*WHOLE)
    return keyset.page(
        mine if status is None else mine.where(STATUSES[status]),
        (Delivery.created_at, Delivery.id),
        belongs_to=scope("deliveries", {"webhook": webhook_id, "status": status}),
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )


def redeliver(actor: Actor, webhook_id: str, delivery_id: str) -> Delivery:
    """Send it again now, with all its attempts before it. Raises Conflict (`webhook_inactive`)."""
    webhook = _active(actor, webhook_id)
    delivery = db.session.scalar(
        select(Delivery).filter_by(id=delivery_id, webhook_id=webhook.id).with_for_update()
    )
    if delivery is None:
        raise NotFound("There is no such delivery.", reason="not_found")
    now = clock.now()
    delivery.due_at, delivery.received_at, delivery.attempts = now, None, 0
    # Somebody is sure that the receiver answers again.
    webhook.rests_until = None
    audit.record(actor, "webhook.redelivered", webhook.id, now)
    return _whole(delivery)


def ping(actor: Actor, webhook_id: str) -> Delivery:
    """Send an event that says nothing, to this receiver alone. Raises Conflict."""
    webhook, now = _active(actor, webhook_id), clock.now()
    event = OutboxEvent(type=PING, payload={"id": webhook.id}, created_at=now, fanned_out_at=now)
    db.session.add(event)
    db.session.flush()
    delivery = Delivery(event_id=event.id, webhook_id=webhook.id, created_at=now, due_at=now)
    db.session.add(delivery)
    webhook.rests_until = None
    audit.record(actor, "webhook.pinged", webhook.id, now)
    return _whole(delivery)


def _active(actor: Actor, webhook_id: str) -> Webhook:
    webhook = webhooks.lock(actor, webhook_id)
    if not webhook.active:
        detail = "This webhook is switched off. Set `active` first."
        raise Conflict(detail, reason="webhook_inactive")
    return webhook


def _whole(delivery: Delivery) -> Delivery:
    db.session.flush()
    return db.session.scalars(select(Delivery).filter_by(id=delivery.id).options(*WHOLE)).one()
