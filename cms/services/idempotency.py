"""One request, one result: a key that a client chose, kept with what it made for a day."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete, select

from cms import writing
from cms.errors import Invalid
from cms.extensions import db
from cms.models import IdempotencyKey
from cms.services import signing
from cms.services.batches import BATCH
from cms.services.sql import insert_into

KEPT = timedelta(hours=24)


def claim(scope: tuple[str, ...], key: str, *, request: str, comment_id: str, now: datetime) -> str:
    """Take a key for this comment; return the id of the comment that the key belongs to.

    Another id means: this request was answered before. It waits for a request with the same key
    that is under way. Raises Invalid (`idempotency_key_reused`) when that one said other words.
    """
    digest = signing.digest("idempotency", *scope, key)
    values = {"key": digest, "request": request, "comment_id": comment_id, "created_at": now}
    if writing.run(_new(db.engine.dialect.name), values):
        return comment_id
    first = db.session.get_one(IdempotencyKey, digest)
    if first.request != request:
        detail = "This key was sent before, with another body."
        raise Invalid("Idempotency-Key", detail, reason="idempotency_key_reused")
    return first.comment_id


@cache
def _new(_dialect: str) -> Any:
    new = insert_into(IdempotencyKey.__table__).on_conflict_do_nothing()
    return new.returning(IdempotencyKey.__table__.c.key)


def sweep(now: datetime) -> int:
    """Forget keys that were kept long enough; answer how many."""
    # Rows that another request sweeps are left to it, so that two can not wait for each other.
    old = select(IdempotencyKey.key).where(IdempotencyKey.created_at < now - KEPT)
    old = old.limit(BATCH).with_for_update(skip_locked=True)
    swept = db.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.key.in_(old)),
        execution_options={"synchronize_session": False},
    )
    return swept.rowcount
