"""Approved comments, written in bulk: each root with a few replies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentStatus, Thread
from cms.models.base import new_id
from cms.services import threads
from cms.times import MILLISECOND, utc_now

REPLIES = 9
BATCH = 5_000


def fill(post_ids: Sequence[str], number: int) -> None:
    """So many more comments under each of these posts, and its thread counted anew."""
    rows = (row for post_id in post_ids for row in _thread(post_id, number))
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            _insert(batch)
            batch = []
    _insert(batch)
    for start in range(0, len(post_ids), BATCH):
        _count(post_ids[start : start + BATCH])


def _insert(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        with transaction():
            db.session.execute(insert(Comment), rows)


def _count(post_ids: Sequence[str]) -> None:
    approved = select(func.count()).where(
        Comment.post_id == Thread.post_id, Comment.status == CommentStatus.APPROVED
    )
    with transaction():
        for one in post_ids[:1]:
            threads.lock(one)
        counted = update(Thread).where(Thread.post_id.in_(post_ids))
        db.session.execute(counted.values(approved=approved.scalar_subquery()))


def _thread(post_id: str, number: int) -> list[dict[str, Any]]:
    first, root_id, rows = utc_now(), "", []
    for at in range(number):
        is_root = at % (REPLIES + 1) == 0
        comment_id = new_id()
        root_id = comment_id if is_root else root_id
        replies = min(REPLIES, number - at - 1) if is_root else 0
        row = _row(post_id, comment_id, None if is_root else root_id, at, first)
        rows.append(row | {"reply_count": replies})
    return rows


def _row(
    post_id: str, comment_id: str, parent_id: str | None, at: int, first: datetime
) -> dict[str, Any]:
    words = f"Comment {at}: thank you, that helped. Is it so at night, too?"
    return {
        "id": comment_id,
        "post_id": post_id,
        "parent_id": parent_id,
        "root_id": parent_id,
        "depth": 1 if parent_id else 0,
        "created_at": first + at * MILLISECOND,
        "status": CommentStatus.APPROVED,
        "shown": True,
        "name": "A reader",
        "email": f"reader{at}@example.org",
        "source": words,
        "html": f"<p>{words}</p>",
        "text": words,
        "fingerprint": comment_id,
    }
