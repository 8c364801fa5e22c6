"""Many comments moved in one transaction, with an answer for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cms.actor import Actor
from cms.errors import CmsError
from cms.extensions import db
from cms.models import Comment, CommentStatus, Thread
from cms.permissions import Action, require
from cms.services import clock, moderating, threads

MOST = 500
DOUBLED = ("doubled_id", "This id was named before.")
UNKNOWN = ("not_found", "There is no such comment.")


@dataclass(frozen=True)
class Outcome:
    """What became of one id. `reason` and `detail` say why nothing did; `status` is the present."""

    id: str
    status: CommentStatus | None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Asked:
    """`versions` are those that somebody has seen, by id."""

    actor: Actor
    status: CommentStatus
    versions: Mapping[str, int]
    now: datetime


def move(
    actor: Actor,
    ids: Sequence[str],
    status: CommentStatus,
    versions: Mapping[str, int] | None = None,
) -> list[Outcome]:
    """Give each comment a status; an answer for each id, in their order.

    One that can not go there stays, and stops no other; so does one that is no more of the version
    that was seen, where `versions` names one. Raises Forbidden.
    """
    require(actor, Action.COMMENT_MODERATE)
    held, known = _lock(set(ids))
    asked = Asked(actor, status, versions or {}, clock.now())
    done = {one.id: _one(asked, held[one.post_id], one) for one in known}
    return [
        done[one] if one in done and one not in ids[:at] else _refused(one, done)
        for at, one in enumerate(ids)
    ]


def _lock(ids: set[str]) -> tuple[dict[str, Thread], Sequence[Comment]]:
    """The threads by post, then the comments, all in one order: two moderators never wait for
    each other."""
    named = Comment.id.in_(ids)
    posts = db.session.scalars(select(Comment.post_id).where(named).distinct())
    held = {post_id: threads.lock(post_id) for post_id in sorted(posts)}
    # What is answered after its answers: it sees what became of them.
    query = select(Comment).where(named).order_by(Comment.depth.desc(), Comment.id)
    known = query.with_for_update().execution_options(populate_existing=True)
    return held, db.session.scalars(known).all()


def _one(asked: Asked, thread: Thread, comment: Comment) -> Outcome:
    try:
        comment.expect(asked.versions.get(comment.id))
        moderating.move_locked(asked.actor, thread, comment, asked.status, asked.now)
    except CmsError as error:
        # Refused before anything changed.
        return Outcome(comment.id, comment.status, error.reason, str(error))
    return Outcome(comment.id, comment.status)


def _refused(comment_id: str, done: dict[str, Outcome]) -> Outcome:
    why = DOUBLED if comment_id in done else UNKNOWN
    present = done[comment_id].status if comment_id in done else None
    return Outcome(comment_id, present, *why)
