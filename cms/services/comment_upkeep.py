"""What becomes of comments by the clock: spam and trash go, and where a comment came from."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from cms.actor import OPERATOR
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.models.comment import GONE, HAS_ORIGIN
from cms.services import audit, outbox, threads
from cms.services.batches import BATCH, for_a_while

PURGED = {CommentStatus.SPAM, CommentStatus.TRASHED}


def purge(now: datetime) -> int:
    """Remove spam and trash that nobody changed for as many days as the setting says.

    What was answered stays as long as its answers do. Call it until it answers 0: so much goes at
    a time as others can wait for.
    """
    days = current_app.config["CMS"].comment_purge_days
    if not days:
        return 0
    answer = aliased(Comment)
    old = select(Comment.id, Comment.post_id).where(
        GONE,
        Comment.created_at < now - timedelta(days=days),
        Comment.updated_at < now - timedelta(days=days),
        ~exists().where(answer.parent_id == Comment.id),
    )
    found = db.session.execute(old.order_by(Comment.updated_at).limit(BATCH)).all()
    ordered = sorted(found, key=lambda row: (row.post_id, row.id))
    return sum(_remove(one.id, one.post_id, now) for one in for_a_while(ordered))


def _remove(comment_id: str, post_id: str, now: datetime) -> int:
    thread = threads.lock(post_id)
    comment = db.session.get(Comment, comment_id, populate_existing=True)
    # A moderator or another worker was first.
    if comment is None or comment.status not in PURGED or comment.reply_count:
        return 0
    removed = threads.remove(thread, comment)
    audit.record(OPERATOR, "comment.purged", comment_id, now)
    outbox.record("comment.removed", now, id=comment_id, post_id=post_id)
    return removed


def forget_origins(now: datetime) -> int:
    """Drop the network and browser of comments that are old enough; answer how many."""
    days = current_app.config["CMS"].comment_network_days
    if not days:
        return 0
    old = select(Comment.id).where(
        Comment.created_at < now - timedelta(days=days),
        HAS_ORIGIN,
    )
    old = old.order_by(Comment.created_at).limit(BATCH).with_for_update(skip_locked=True)
    dropped = update(Comment).where(Comment.id.in_(old)).values(network=None, user_agent=None)
    return db.session.execute(dropped, execution_options={"synchronize_session": False}).rowcount
