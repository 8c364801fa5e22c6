"""What the public sees of a post's comments, kept right under the lock of one row.

A comment is shown while it is approved and everything that it answers is shown. So a reply goes
with the comment that it answers, comes back with it, and is counted exactly while it is shown.
"""

from collections import defaultdict

from sqlalchemy import select, update

from cms.extensions import db
from cms.models import Comment, CommentStatus, Post, Thread
from cms.services.sql import insert_into

PART = 500


def lock(post_id: str) -> Thread:
    """The thread of a post, held until the commit. Made here where nobody made it before."""
    is_open = select(Post.comments_open).where(Post.id == post_id).scalar_subquery()
    new = insert_into(Thread).values(post_id=post_id, is_open=is_open, approved=0)
    db.session.execute(new.on_conflict_do_nothing())
    return db.session.get_one(Thread, post_id, with_for_update=True, populate_existing=True)


def settle(thread: Thread, comment: Comment, *, was_approved: bool) -> bool:
    """Follow a comment's new status; say whether the public sees another thread now."""
    is_approved = comment.status is CommentStatus.APPROVED
    if is_approved is was_approved:
        return False
    step = 1 if is_approved else -1
    was_shown, comment.shown = comment.shown, is_approved and _answers_what_is_shown(comment)
    _count_reply(comment.parent_id, step)
    if comment.shown is was_shown:
        return False
    thread.approved += step * (1 + _follow(comment))
    return True


def _answers_what_is_shown(comment: Comment) -> bool:
    if comment.parent_id is None:
        return True
    with db.session.no_autoflush:
        return bool(db.session.scalar(select(Comment.shown).filter_by(id=comment.parent_id)))


def _count_reply(parent_id: str | None, step: int) -> None:
    if parent_id is not None:
        counted = update(Comment).where(Comment.id == parent_id)
        db.session.execute(counted.values(reply_count=Comment.reply_count + step))


def _follow(comment: Comment) -> int:
    """Show or hide all that hangs on a comment by approved replies; say how many that were."""
    ids = _below(comment) if comment.reply_count else []
    for start in range(0, len(ids), PART):
        part = update(Comment).where(Comment.id.in_(ids[start : start + PART]))
        db.session.execute(
            part.values(shown=comment.shown), execution_options={"synchronize_session": False}
        )
    return len(ids)


def _below(comment: Comment) -> list[str]:
    # Walked here: a database that plans a recursive query badly reads the thread at each level.
    root_id = comment.root_id or comment.id
    rows = db.session.execute(
        select(Comment.parent_id, Comment.id).where(
            Comment.root_id == root_id, Comment.status == CommentStatus.APPROVED
        )
    )
    replies = defaultdict(list)
    for parent_id, reply_id in rows:
        replies[parent_id].append(reply_id)
    found = replies[comment.id]
    for reply_id in found:
        found += replies[reply_id]
    return found
