"""Many comments moved in one transaction, with an answer for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from cms.actor import Actor
from cms.errors import CmsError
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.permissions import Action, require
from cms.services import comments

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


def move(actor: Actor, ids: Sequence[str], status: CommentStatus) -> list[Outcome]:
    """Give each comment a status; an answer for each id, in their order.

    One that can not go there stays, and stops no other. Raises Forbidden.
    """
    require(actor, Action.COMMENT_MODERATE)
    query = select(Comment.id, Comment.status, Comment.post_id).where(Comment.id.in_(set(ids)))
    # By thread, always: two moderators of the same comments never wait for each other.
    known = sorted(db.session.execute(query), key=lambda row: (row.post_id, row.id))
    done = {row.id: _one(actor, row.id, status) for row in known}
    return [
        done[one] if one in done and one not in ids[:at] else _refused(one, done)
        for at, one in enumerate(ids)
    ]


def _one(actor: Actor, comment_id: str, status: CommentStatus) -> Outcome:
    try:
        comment = comments.moderate(actor, comment_id, None, {"status": status})
    except CmsError as error:
        # Refused before anything changed.
        present = db.session.scalar(select(Comment.status).filter_by(id=comment_id))
        return Outcome(comment_id, present, error.reason, str(error))
    return Outcome(comment_id, comment.status)


def _refused(comment_id: str, done: dict[str, Outcome]) -> Outcome:
    why = DOUBLED if comment_id in done else UNKNOWN
    present = done[comment_id].status if comment_id in done else None
    return Outcome(comment_id, present, *why)
