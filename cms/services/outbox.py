"""Write events now, send them later."""

from datetime import datetime

from cms.extensions import db
from cms.models import OutboxEvent


def record(event_type: str, now: datetime, **payload: object) -> None:
    """Queue an event in the caller's transaction: it is sent if and only if the change is kept."""
    db.session.add(OutboxEvent(type=event_type, payload=payload, created_at=now))
