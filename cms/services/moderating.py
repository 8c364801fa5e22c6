"""What moderators make of comments: each move is counted, shown to readers, and recorded."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from cms.actor import Actor
from cms.errors import Conflict
from cms.extensions import db
from cms.models import Comment, CommentStatus, Thread
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    comment_edits,
    comments,
    evidence,
    learning,
    outbox,
    screening,
    threads,
)

# Changes a comment that is locked, and names the fields that are other than before.
Change = Callable[[Comment, datetime], list[str]]


def moderate(
    actor: Actor, comment_id: str, version: int | None, changes: Mapping[str, Any]
) -> Comment:
    """Give a comment another `status`, a `note`, or both. Asking for what is changes nothing.

    Raises Forbidden, NotFound, StaleVersion, Conflict (`comment_transition`).
    """
    return _change(
        actor, comment_id, version, partial(_apply, actor, changes=changes), changes.get("edit")
    )


def undo(actor: Actor, comment_id: str, version: int | None) -> Comment:
    """Take the last move of a comment back.

    Raises Forbidden, NotFound, StaleVersion, Conflict (`nothing_to_undo`, `changed_since_move`).
    """

    def take_back(comment: Comment, _now: datetime) -> list[str]:
        comment.undo()
        learning.follow(comment)
        return ["status"]

    return _change(actor, comment_id, version, take_back)


def _change(
    actor: Actor,
    comment_id: str,
    version: int | None,
    change: Change,
    edit: str | None = None,
) -> Comment:
    require(actor, Action.COMMENT_MODERATE)
    post_id = db.session.scalar(select(Comment.post_id).filter_by(id=comment_id))
    # The thread first, then the comment, always: two moderators never wait for each other.
    thread = threads.lock(post_id) if post_id else None
    comment = _lock(comment_id)
    comment.expect(version)
    _change_locked(actor, thread, comment, change, clock.now(), edit)
    return comment


def move_locked(
    actor: Actor, thread: Thread, comment: Comment, status: CommentStatus, now: datetime
) -> None:
    """Give a comment another status, in the transaction that holds it and its thread.

    Raises Conflict, before anything changed.
    """
    change = partial(_apply, actor, changes={"status": status})
    _change_locked(actor, thread, comment, change, now)


def _change_locked(
    actor: Actor,
    thread: Thread,
    comment: Comment,
    change: Change,
    now: datetime,
    edit: str | None = None,
) -> None:
    """The one way to another status: counted, shown to readers, recorded."""
    # Asked before anything changes: a query would write a status that is not settled yet.
    before, was_last = comment.status, comment.moved_version == comment.version
    changed = change(comment, now)
    if not changed and not edit:
        return
    comment.changed(now)
    if comment.moved_from and (was_last or comment.moved_at == now):
        comment.moved_version = comment.version
    settled = threads.settle(thread, comment, was_approved=before is CommentStatus.APPROVED)
    if _edited(comment, edit, changed, now) or settled:
        threads.touch(comment.post_id)
    _announce(actor, comment, changed, now)


def _lock(comment_id: str) -> Comment:
    query = select(Comment).filter_by(id=comment_id).options(*comments.WHOLE)
    locked = query.with_for_update(of=Comment)
    return comments.found(db.session.scalar(locked, execution_options={"populate_existing": True}))


def _apply(
    actor: Actor, comment: Comment, now: datetime, *, changes: Mapping[str, Any]
) -> list[str]:
    """Make the changes; name the fields that are other than before. Raises Conflict."""
    before = comment.status
    changed = _redacted(comment) if "use" in changes else []
    if comment.moderate(changes.get("status", comment.status)):
        comment.moved_from, comment.moved_by, comment.moved_at = before, actor.user_id, now
        changed.append("status")
        learning.follow(comment)
    if changes.get("note", comment.note) != comment.note:
        comment.note = changes["note"]
        changed.append("note")
    return changed


def _redacted(comment: Comment) -> list[str]:
    """Put the version without personal data in the place of the text. Raises Conflict."""
    if comment.redacted is None:
        raise Conflict("This comment has no redacted version.", reason="no_redacted_version")
    learning.forget(comment)
    for name, value in comment.redacted.items():
        setattr(comment, name, value)
    comment.said = evidence.said(comment.html, comment.text)
    comment.redacted, comment.verdicts = None, screening.of_replaced(comment.verdicts)
    return ["body"]


def _edited(comment: Comment, decision: str | None, changed: list[str], now: datetime) -> bool:
    """Decide what its writer asks for; say whether readers see another text. Raises Conflict."""
    is_read = comment.status is CommentStatus.APPROVED
    if decision is None:
        return is_read and "body" in changed
    comment_edits.decide(comment, decision, now)
    set_committed_value(comment, "edit", None)
    if decision == "accept":
        changed.append("body")
        learning.follow(comment)
    changed.append("edit")
    return is_read and "body" in changed


def _announce(actor: Actor, comment: Comment, changed: list[str], now: datetime) -> None:
    audit.record(actor, "comment.moderated", comment.id, now, changed)
    if "status" in changed:
        verb = "approved" if comment.status is CommentStatus.APPROVED else "moderated"
        outbox.record(f"comment.{verb}", now, id=comment.id, post_id=comment.post_id)
    elif "body" in changed and comment.status is CommentStatus.APPROVED:
        outbox.record("comment.updated", now, id=comment.id, post_id=comment.post_id)
