"""How many comments have which status: kept beside each thread, never counted.

Every change of a comment that the ORM writes passes here, whoever asks for it, under the lock of
the thread that it is in. A new comment is counted by `threads.take_in`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, func, inspect, or_, select, update

from cms.extensions import db
from cms.models import Comment, CommentStatus, Post, Thread

WAITING = [status for status in CommentStatus if status is not CommentStatus.APPROVED]


def by_status(post: str | None = None) -> dict[str, int]:
    """How many comments have each status, on a post (id or slug) or on all."""
    sums = [func.coalesce(func.sum(getattr(Thread, name)), 0).label(name) for name in CommentStatus]
    query = select(*sums)
    if post is not None:
        named = select(Post.id).where(or_(Post.id == post, Post.slug == post))
        query = query.where(Thread.post_id.in_(named))
    row = db.session.execute(query).one()
    return {name: int(number) for name, number in row._mapping.items()}


def total(statuses: Sequence[str] | None, post: str | None) -> int:
    """How many comments have one of these statuses."""
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
    """Count comments no more that a statement deletes."""
    for status in WAITING:
        setattr(thread, status, getattr(thread, status) - statuses.count(status))


@event.listens_for(Comment, "after_insert")
def _count_new(_mapper: Any, connection: Any, comment: Comment) -> None:
    _count(connection, comment.post_id, {comment.status: 1})


@event.listens_for(Comment, "after_update")
def _count_move(_mapper: Any, connection: Any, comment: Comment) -> None:
    history = inspect(comment).attrs.status.history
    if history.added and history.deleted:
        _count(connection, comment.post_id, {history.deleted[0]: -1, history.added[0]: 1})


def _count(connection: Any, post_id: str, steps: dict[CommentStatus, int]) -> None:
    values = {
        status.value: getattr(Thread, status) + step
        for status, step in steps.items()
        if status in WAITING
    }
    if values:
        connection.execute(update(Thread).where(Thread.post_id == post_id).values(values))
