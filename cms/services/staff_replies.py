"""Answers of the people behind the site: approved at once, and marked as theirs."""

from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.models.base import new_id
from cms.permissions import Action, require
from cms.services import audit, clock, comment_texts, outbox, places, threads


def reply(actor: Actor, comment_id: str, body: str) -> Comment:
    """Answer an approved comment. A closed thread takes no more of readers, but this.

    Raises Forbidden, NotFound, Conflict (`comment_not_approved`: answering would not approve it);
    a broken constraint is `duplicate_comment`.
    """
    require(actor, Action.COMMENT_MODERATE)
    thread = threads.lock(_there(db.session.get(Comment, comment_id)).post_id)
    # Before it was locked, somebody may have removed it.
    held = {"with_for_update": True, "populate_existing": True}
    answered = _there(db.session.get(Comment, comment_id, **held))
    if answered.status is not CommentStatus.APPROVED:
        raise Conflict("Approve the comment before you answer.", reason="comment_not_approved")
    comment, now = _answer(actor, answered, body), clock.now()
    comment.created_at = comment.updated_at = now
    db.session.add(comment)
    db.session.flush()
    comment.status = CommentStatus.APPROVED
    threads.settle(thread, comment, was_approved=False)
    threads.touch(comment.post_id)
    audit.record(actor, "comment.replied", comment.id, now)
    outbox.record("comment.approved", now, id=comment.id, post_id=comment.post_id)
    return comment


def _there(comment: Comment | None) -> Comment:
    if comment is None:
        raise NotFound("There is no such comment.", reason="not_found")
    return comment


def _answer(actor: Actor, answered: Comment, body: str) -> Comment:
    return Comment(
        id=new_id(),
        post_id=answered.post_id,
        status=CommentStatus.PENDING,
        is_staff=True,
        name=actor.name,
        email=actor.email,
        verdicts=[],
        **comment_texts.text_of(answered.post_id, actor.email, None, body),
        **places.of(answered.post_id, answered.id),
    )
