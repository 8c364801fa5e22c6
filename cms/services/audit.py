"""Keep who did what, in the transaction that did it; and look it up."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select

from cms import writing
from cms.actor import Actor
from cms.database import before_commit
from cms.extensions import db
from cms.models import AuditEvent, User
from cms.permissions import Action, require
from cms.services import keyset
from cms.services.cursors import Page, scope

NOTED = "audit_log"
LINE = insert(AuditEvent.__table__)


def record(
    actor: Actor, action: str, object_id: str, now: datetime, fields: Iterable[str] = ()
) -> None:
    """Write one line of the audit log: ids and field names, never anyone's words."""
    db.session.info.setdefault(NOTED, []).append(line(actor, action, object_id, now, fields))


def line(
    actor: Actor, action: str, object_id: str, now: datetime, fields: Iterable[str] = ()
) -> dict[str, Any]:
    """The values of one line."""
    known = {"at": now, "actor_id": actor.user_id, "via": actor.via, "action": action}
    return known | {"object_id": object_id, "fields": sorted(fields)}


@before_commit
def _write() -> None:
    """All lines of a transaction at once, in their order."""
    lines = db.session.info.pop(NOTED, None)
    if lines:
        writing.run(LINE, *lines)


def find(actor: Actor, *, limit: int, cursor: str | None, total: bool, **filters: Any) -> Page:
    """A page of the log, newest first. Raises Forbidden, Malformed for a bad cursor."""
    require(actor, Action.AUDIT_READ)
    query = select(AuditEvent)
    for name, value in filters.items():
        query = query.where(FILTERS[name](value))
    return keyset.page(
        query,
        (AuditEvent.at, AuditEvent.id),
        belongs_to=scope("audit-log", filters),
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )


def names_of(events: Iterable[AuditEvent]) -> dict[str, str]:
    """What the people who acted are called, by id; whose account is gone is not among them."""
    ids = {event.actor_id for event in events if event.actor_id}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows}


FILTERS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "actor_id": lambda value: AuditEvent.actor_id == value,
    "object_id": lambda value: AuditEvent.object_id == value,
    "action": lambda values: AuditEvent.action.in_(values),
    "via": lambda value: AuditEvent.via == value,
    "after": lambda value: AuditEvent.at > value,
    "before": lambda value: AuditEvent.at < value,
}
