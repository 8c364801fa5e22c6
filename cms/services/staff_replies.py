"""Answers of the people behind the site: approved at once, and marked as theirs."""

from datetime import datetime
from typing import Any

from cms.actor import Actor
from cms.errors import Conflict
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.models.base import new_id
from cms.permissions import Action, require
from cms.services import audit, clock, comment_texts, comments, outbox, places, threads


def reply(actor: Actor, comment_id: str, body: str) -> str:
    """Answer an approved comment; the answer's id. A closed thread takes no more of readers, but
    this.

    Raises Forbidden, NotFound, Conflict (`comment_not_approved`: answering would not approve it;
    `duplicate_comment`).
    """
    require(actor, Action.COMMENT_MODERATE)
    answered, now = _locked(comment_id), clock.now()
    if answered.status is not CommentStatus.APPROVED:
        raise Conflict("Approve the comment before you answer.", reason="comment_not_approved")
    row = _answer(actor, answered, body, now)
    if not threads.take(row):
        raise Conflict("You have already said this here.", reason="duplicate_comment")
    audit.record(actor, "comment.replied", row["id"], now)
    outbox.record("comment.approved", now, id=row["id"], post_id=row["post_id"])
    return row["id"]


def _locked(comment_id: str) -> Comment:
    """The comment, when its thread is held."""
    threads.lock(comments.found(db.session.get(Comment, comment_id)).post_id)
    # Before it was locked, somebody may have removed it.
    held = {"with_for_update": True, "populate_existing": True}
    return comments.found(db.session.get(Comment, comment_id, **held))


def _answer(actor: Actor, answered: Comment, body: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "post_id": answered.post_id,
        "status": CommentStatus.APPROVED,
        "is_staff": True,
        "name": actor.name,
        "email": actor.email,
        "verdicts": [],
        "created_at": now,
        "updated_at": now,
        **comment_texts.text_of(answered.post_id, actor.email, None, body),
        **places.of(answered.post_id, answered.id),
    }
