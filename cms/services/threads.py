"""What the public sees of a post's comments, kept right under the lock of one row.

A comment is shown while it is approved, or while something that is shown answers it: then readers
see where it stood, and no word of it. Only approved ones are counted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update

from cms import writing
from cms.errors import NotFound
from cms.extensions import db
from cms.models import Comment, CommentStatus, Post, Publication, Thread
from cms.services import counting, generation
from cms.services.sql import insert_into

# So many comments' answers are asked for in one statement.
PART = 500
# Made once. New comments are inserted past the ORM, whose events count moves alone.
COUNT_NEW = {
    status: update(Thread.__table__)
    .where(Thread.__table__.c.post_id == bindparam("of"))
    .values({status.value: Thread.__table__.c[status.value] + 1})
    .returning(Thread.__table__.c.is_open)
    for status in CommentStatus
}
DATE = update(Thread.__table__).where(Thread.__table__.c.post_id == bindparam("of"))


def touch(post_id: str) -> None:
    """Say that readers see another thread under a post, or another number or state of it."""
    generation.touch(f"comments:{post_id}", f"post:{post_id}")


def lock(post_id: str) -> Thread:
    """The thread of a post, held until the commit. Made here where nobody made it before.

    Raises NotFound where the post has gone.
    """
    held = {"with_for_update": True, "populate_existing": True}
    found = db.session.get(Thread, post_id, **held)
    if found is None:
        _make(post_id)
        found = db.session.get(Thread, post_id, **held)
    if found is None:
        raise NotFound("There is no such post.", reason="not_found")
    return found


def _make(post_id: str) -> None:
    """Add the row of a thread, but for a post that has gone."""
    shown = select(func.min(Publication.visible_from)).where(Publication.entry_id == post_id)
    known = {"post_id": Post.__table__.c.id, "is_open": Post.__table__.c.comments_open}
    known |= {"first_shown": shown.scalar_subquery()} | counting.counted(post_id)
    # A post that somebody is removing is waited for.
    posts = select(*known.values()).where(Post.__table__.c.id == post_id)
    posts = posts.with_for_update(read=True, key_share=True)
    new = insert_into(Thread).from_select(list(known), posts, include_defaults=False)
    db.session.execute(new.on_conflict_do_nothing())


def date(post_id: str, first_shown: datetime | None) -> None:
    """Note when a post is visible for the first time, or will be; None where it is not to be."""
    writing.run(DATE, {"of": post_id, "first_shown": first_shown})


def take_in(post_id: str, status: CommentStatus) -> bool:
    """Count a comment that is new, under the lock of its thread; say whether that is open.

    Raises NotFound where the post has gone.
    """
    counted = writing.run(COUNT_NEW[status], {"of": post_id})
    if not counted:
        lock(post_id)
        return take_in(post_id, status)
    ((is_open,),) = counted
    return bool(is_open)


def take(row: dict[str, Any]) -> bool:
    """Put a new comment into its thread, which is locked; show and count it by its status.

    `row` are the values of its columns. False, and nothing changes, where its words are there.
    """
    is_approved = row["status"] is CommentStatus.APPROVED
    new = insert_into(Comment.__table__).values(row | {"shown": is_approved})
    kept = new.on_conflict_do_nothing().returning(Comment.__table__.c.id)
    if db.session.scalar(kept) is None:
        return False
    take_in(row["post_id"], row["status"])
    if is_approved:
        count_reply(row.get("parent_id"), 1)
        touch(row["post_id"])
    return True


def settle(thread: Thread, comment: Comment, *, was_approved: bool) -> bool:
    """Follow a comment's new status; say whether the public sees another thread now.

    Nothing may be asked of the database between the new status and this.
    """
    is_approved = comment.status is CommentStatus.APPROVED
    if is_approved is was_approved:
        return False
    thread.approved += 1 if is_approved else -1
    was_shown, comment.shown = comment.shown, is_approved or comment.reply_count > 0
    if comment.shown is not was_shown:
        count_reply(comment.parent_id, 1 if comment.shown else -1)
    return True


def remove(thread: Thread, comment: Comment) -> int:
    """Delete a comment and all that hangs on it; say how many that were."""
    statuses = [comment.status, *_below(comment)]
    # Those that wait are counted by statements: read what they left.
    db.session.flush()
    db.session.refresh(thread)
    thread.approved -= statuses.count(CommentStatus.APPROVED)
    counting.forget(thread, statuses)
    if comment.shown:
        count_reply(comment.parent_id, -1)
        touch(thread.post_id)
    db.session.flush()
    db.session.execute(delete(Comment).where(Comment.id == comment.id))
    db.session.expire_all()
    return len(statuses)


def count_reply(parent_id: str | None, step: int) -> None:
    """Count a reply that comes or goes; what is only a place comes and goes with its replies."""
    after = Comment.reply_count + step
    while parent_id is not None:
        counted = update(Comment).where(Comment.id == parent_id)
        counted = counted.values(
            reply_count=after, shown=or_(Comment.status == CommentStatus.APPROVED, after > 0)
        )
        status, replies, above = db.session.execute(
            counted.returning(Comment.status, Comment.reply_count, Comment.parent_id)
        ).one()
        came_or_went = replies == (1 if step > 0 else 0)
        parent_id = above if came_or_went and status is not CommentStatus.APPROVED else None


def _below(comment: Comment) -> list[CommentStatus]:
    """The status of each comment that hangs on this one."""
    # Walked here, level by level: a database that plans a recursive query badly reads the whole
    # thread at each level, and most that goes has nothing below it.
    found, level = [], [comment.id]
    while level:
        answers = _answering(level)
        found += [status for _, status in answers]
        level = [comment_id for comment_id, _ in answers]
    return found


def _answering(ids: Sequence[str]) -> list[tuple[str, CommentStatus]]:
    below = select(Comment.id, Comment.status)
    parts = (ids[at : at + PART] for at in range(0, len(ids), PART))
    queries = (below.where(Comment.parent_id.in_(part)) for part in parts)
    return [tuple(row) for query in queries for row in db.session.execute(query)]
