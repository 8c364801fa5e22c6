"""Keep who did what, in the transaction that did it."""

from collections.abc import Iterable
from datetime import datetime

from cms.actor import Actor
from cms.extensions import db
from cms.models import AuditEvent


def record(
    actor: Actor, action: str, object_id: str, now: datetime, fields: Iterable[str] = ()
) -> None:
    """Write one line of the audit log: ids and field names, never anyone's words."""
    event = AuditEvent(
        at=now,
        actor_id=actor.user_id,
        via=actor.via,
        action=action,
        object_id=object_id,
        fields=sorted(fields),
    )
    db.session.add(event)
