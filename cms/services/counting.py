"""How many comments have which status: kept beside each thread, never counted.

`threads` counts what comes and goes, and what is approved. Where a comment goes from one status to
another, an event of the ORM counts what waits, whoever moves it; all of it under the thread's lock.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, func, inspect, or_, select, update

from cms.extensions import db
from cms.models import Comment, CommentStatus, Post, Thread

WAITING = [status for status in CommentStatus if status is not CommentStatus.APPROVED]


def by_status(post: str | None = None) -> dict[str, int]:
    """How many comments have each status, on a post (id or slug) or on all; 0 where there are none.

    A sum over threads: it costs the same however many comments they have.
    """
    sums = [func.coalesce(func.sum(getattr(Thread, name)), 0).label(name) for name in CommentStatus]
    query = select(*sums)
    if post is not None:
        named = select(Post.id).where(or_(Post.id == post, Post.slug == post))
        query = query.where(Thread.post_id.in_(named))
    row = db.session.execute(query).one()
    return {name: int(number) for name, number in row._mapping.items()}


def total(statuses: Sequence[str] | None, post: str | None) -> int:
    """How many comments have one of these statuses, or any, where none is named."""
    known = by_status(post)
    return sum(known[name] for name in set(statuses or known))


def counted(post_id: str) -> dict[str, Any]:
    """Where nobody kept the numbers of a thread: how to count them, as values of its row."""
    found = select(func.count()).where(Comment.post_id == post_id)
    return {
        status.value: found.where(Comment.status == status).scalar_subquery()
        for status in CommentStatus
    }


def forget(thread: Thread, statuses: Sequence[CommentStatus]) -> None:
    """Take comments that a statement deletes off the numbers of those that wait.

    `statuses` has one for each; approved ones are the caller's. The thread is locked, and read
    since it was.
    """
    for status in WAITING:
        setattr(thread, status, getattr(thread, status) - statuses.count(status))


@event.listens_for(Comment, "after_update")
def _count_move(_mapper: Any, connection: Any, comment: Comment) -> None:
    history = inspect(comment).attrs.status.history
    if history.added and history.deleted:
        steps = {history.deleted[0]: -1, history.added[0]: 1}
        # Which are approved is counted by `threads.settle`, with what readers see of it.
        waiting = {name: step for name, step in steps.items() if name in WAITING}
        values = {name.value: getattr(Thread, name) + step for name, step in waiting.items()}
        kept = update(Thread).where(Thread.post_id == comment.post_id)
        connection.execute(kept.values(values))
