"""Everything that the site keeps about one email address of a reader: shown, or erased for good."""

from contextlib import closing
from typing import Any

from sqlalchemy import delete, exists, inspect, select, text
from sqlalchemy.orm import aliased

from cms.actor import Actor
from cms.extensions import db
from cms.models import (
    AuditEvent,
    Comment,
    CommentEdit,
    CommentStatus,
    IdempotencyKey,
    OutboxEvent,
)
from cms.permissions import Action, require
from cms.services import audit, clock, emails, generation, learning, outbox, threads, writers

# So many comments' records are asked for in one statement.
PART = 500
# What the records of an export and an erasure are about; an address is nothing for a log.
ABOUT = "privacy"
EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


def export(actor: Actor, email: str) -> dict[str, list[dict[str, Any]]]:
    """All rows about an address, by table. Raises Forbidden."""
    require(actor, Action.PRIVACY_MANAGE)
    address = emails.folded(email)
    comments = list(db.session.scalars(select(Comment).filter_by(email=address)))
    ids = [one.id for one in comments]
    audit.record(actor, "privacy.exported", ABOUT, clock.now())
    return {
        "comments": list(map(_row, comments)),
        "comment_edits": _rows(CommentEdit, CommentEdit.comment_id, ids),
        "idempotency_keys": _rows(IdempotencyKey, IdempotencyKey.comment_id, ids),
        "audit_log": _rows(AuditEvent, AuditEvent.object_id, ids),
        "outbox": _rows(OutboxEvent, OutboxEvent.payload["id"].as_string(), ids),
    }


def _rows(model: Any, column: Any, ids: list[str]) -> list[dict[str, Any]]:
    parts = (ids[at : at + PART] for at in range(0, len(ids), PART))
    return [
        _row(one)
        for part in parts
        for one in db.session.scalars(select(model).where(column.in_(part)))
    ]


def _row(found: Any) -> dict[str, Any]:
    return {column.key: getattr(found, column.key) for column in inspect(found).mapper.column_attrs}


def erase(actor: Actor, email: str) -> dict[str, int]:
    """Delete what an address wrote: `{"removed", "placeholders"}`. Its own place stays where
    others have answered, with nothing in it. Raises Forbidden.
    """
    require(actor, Action.PRIVACY_MANAGE)
    if db.engine.dialect.name == "sqlite":
        # Else the words stay in the file where they stood, until something is written over them.
        db.session.execute(text("PRAGMA secure_delete = ON"))
    address, done = emails.folded(email), {"removed": 0, "placeholders": 0}
    # Answers first: then most of what they answer has none.
    query = select(Comment.id, Comment.post_id).filter_by(email=address)
    for comment_id, post_id in db.session.execute(
        query.order_by(Comment.post_id, Comment.depth.desc())
    ).all():
        done[_forget(comment_id, post_id)] += 1
    audit.record(actor, "privacy.erased", ABOUT, clock.now())
    outbox.record("privacy.erased", clock.now(), **done)
    return done


def _forget(comment_id: str, post_id: str) -> str:
    thread = threads.lock(post_id)
    # Whoever sent the key again would be told of a comment that is gone.
    db.session.execute(delete(IdempotencyKey).filter_by(comment_id=comment_id))
    comment = db.session.get_one(Comment, comment_id, populate_existing=True)
    answer = aliased(Comment)
    if not db.session.scalar(select(exists().where(answer.parent_id == comment_id))):
        learning.forget(comment)
        threads.remove(thread, comment)
        return "removed"
    db.session.execute(delete(CommentEdit).filter_by(comment_id=comment_id))
    if comment.shown:
        generation.touch(f"comments:{post_id}", f"post:{post_id}")
    _blank(thread, comment)
    return "placeholders"


def _blank(thread: Any, comment: Comment) -> None:
    now, was_approved = clock.now(), comment.status is CommentStatus.APPROVED
    learning.forget(comment)
    gone = {"fingerprint": f"withdrawn:{comment.id}", "withdrawn_at": comment.withdrawn_at or now}
    for name, value in (writers.FORGOTTEN | gone | {"status": CommentStatus.TRASHED}).items():
        setattr(comment, name, value)
    threads.settle(thread, comment, was_approved=was_approved)
    comment.changed(now)
    db.session.flush()


def compact() -> None:
    """After an erasure has been committed: write SQLite's file anew, and empty its log."""
    _by_driver("VACUUM", EMPTY_LOG)


def empty_log() -> None:
    """After an erasure has been committed: leave nothing of it in SQLite's log."""
    _by_driver(EMPTY_LOG)


def _by_driver(*statements: str) -> None:
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        # SQLAlchemy would begin a transaction, in which none of these may run.
        with closing(db.engine.raw_connection()) as connection:
            for one in statements:
                connection.driver_connection.execute(one).fetchall()
