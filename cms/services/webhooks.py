"""Receivers of events: admins say who gets what, and see what came of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from cms.actor import Actor
from cms.errors import Conflict, Invalid, NotFound
from cms.extensions import db
from cms.models import Webhook
from cms.permissions import Action, require
from cms.services import audit, clock, keyset, outbound_addresses, webhook_signing
from cms.services.cursors import Page
from cms.services.outbound_addresses import Refused

# Each event is matched against all of them.
MOST_WEBHOOKS = 100


def find(actor: Actor, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of receivers, newest first. Raises Forbidden, Malformed for a bad cursor."""
    require(actor, Action.WEBHOOK_MANAGE)
    return keyset.page(
        select(Webhook),
        (Webhook.created_at, Webhook.id),
        belongs_to="webhooks",
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )


def get(actor: Actor, webhook_id: str) -> Webhook:
    require(actor, Action.WEBHOOK_MANAGE)
    return _found(db.session.get(Webhook, webhook_id))


def lock(actor: Actor, webhook_id: str) -> Webhook:
    """A receiver that nobody else changes or serves before the commit."""
    require(actor, Action.WEBHOOK_MANAGE)
    return _found(db.session.get(Webhook, webhook_id, with_for_update=True))


def check_url(actor: Actor, values: Mapping[str, Any]) -> None:
    """Refuse an address that would not be called. May look its name up: outside any transaction.

    Raises Forbidden, Invalid (`url_refused`).
    """
    require(actor, Action.WEBHOOK_MANAGE)
    try:
        if "url" in values:
            outbound_addresses.check(values["url"], current_app.config["CMS"])
    except Refused as error:
        raise Invalid("/url", str(error), reason="url_refused") from None


def add(actor: Actor, **values: Any) -> tuple[Webhook, str]:
    """A receiver, and its secret, which is shown only now. Raises Forbidden, Conflict."""
    require(actor, Action.WEBHOOK_MANAGE)
    if db.session.scalar(select(func.count()).select_from(Webhook)) >= MOST_WEBHOOKS:
        detail = f"There are {MOST_WEBHOOKS} webhooks. Delete one first."
        raise Conflict(detail, reason="too_many_webhooks")
    now = clock.now()
    webhook = Webhook(**values, created_at=now, updated_at=now)
    db.session.add(webhook)
    db.session.flush()
    audit.record(actor, "webhook.created", webhook.id, now)
    return webhook, webhook_signing.secret(webhook)


def edit(actor: Actor, webhook_id: str, version: int | None, changes: Mapping[str, Any]) -> Webhook:
    """Change it. One that is switched on again, or moved, starts anew. Raises StaleVersion."""
    webhook = lock(actor, webhook_id)
    webhook.expect(version)
    changed = {name: value for name, value in changes.items() if getattr(webhook, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(webhook, name, value)
        if changed.keys() & {"url", "active"}:
            webhook.rests_until, webhook.unanswered = None, 0
        _change(actor, webhook, "saved", clock.now(), changed)
    return webhook


def remove(actor: Actor, webhook_id: str, version: int | None) -> None:
    """Delete it with its log. What waits for it is not sent."""
    webhook = lock(actor, webhook_id)
    webhook.expect(version)
    audit.record(actor, "webhook.removed", webhook.id, clock.now())
    db.session.delete(webhook)


def change_secret(actor: Actor, webhook_id: str, keep_old_for: int) -> tuple[Webhook, str]:
    """Another secret, shown only now. The old one signs too for so many seconds."""
    webhook, now = lock(actor, webhook_id), clock.now()
    webhook.secret_number += 1
    webhook.old_secret_until = now + timedelta(seconds=keep_old_for)
    _change(actor, webhook, "secret_changed", now)
    return webhook, webhook_signing.secret(webhook)


def _change(
    actor: Actor, webhook: Webhook, verb: str, now: datetime, fields: Mapping[str, Any] = {}
) -> None:
    webhook.changed(now)
    audit.record(actor, f"webhook.{verb}", webhook.id, now, fields)


def _found(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise NotFound("There is no such webhook.", reason="not_found")
    return webhook
