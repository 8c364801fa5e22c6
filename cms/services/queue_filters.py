"""What the queue of comments may be narrowed to, as conditions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from cms.extensions import db
from cms.models import Comment, CommentEdit, CommentStatus, Post
from cms.services import emails
from cms.services.sql_plans import is_among, unindexed

Condition = ColumnElement[bool]
Filters = Mapping[str, Any]
# As a value, so that no database walks along the edits and sorts.
HAS_EDIT = (
    select(CommentEdit.comment_id)
    .where(CommentEdit.comment_id == Comment.id)
    .scalar_subquery()
    .is_not(None)
)
# The same, entered by the edits. Mostly few wait, while ever more with a flag are approved.
BY_EDIT = is_among(Comment.id, select(CommentEdit.comment_id).scalar_subquery())
# Each is looked up where its comment lies, for each walk. Of more, it costs less to look along the
# index of those that have a flag.
FEW_EDITS = 500


def edits_are_few() -> bool:
    some = select(CommentEdit.comment_id).limit(FEW_EDITS + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(some)).one() <= FEW_EDITS


def takes_edits(filters: Filters) -> bool:
    """Whether approved comments whose edit waits belong, too.

    `pending` with a flag means: all that waits because of it.
    """
    statuses = filters.get("status", ())
    is_pending = CommentStatus.PENDING in statuses and CommentStatus.APPROVED not in statuses
    return is_pending and "flag" in filters


def ids_of(post: str) -> Sequence[str]:
    named = or_(Post.id == post, Post.slug == post)
    return db.session.scalars(select(Post.id).where(named)).all()


def _words(text: str) -> Condition:
    """Every word is in the name or in the comment. Never in what not everybody may read."""
    conditions = [
        or_(
            Comment.name.icontains(word, autoescape=True),
            Comment.source.icontains(word, autoescape=True),
        )
        for word in text.split()
    ]
    return and_(true(), *conditions)


def _edited(wanted: bool) -> Condition:
    if not wanted:
        return ~Comment.edit.has()
    return BY_EDIT if edits_are_few() else Comment.id.in_(select(CommentEdit.comment_id))


def _of_status(filters: Filters) -> Condition:
    status = unindexed(Comment.status)
    named = status.in_(filters["status"])
    edits = and_(status == CommentStatus.APPROVED, HAS_EDIT)
    return or_(named, edits) if takes_edits(filters) else named


# What an index finds at once, few among many.
NARROW = {"email", "network"}
# `status`, `flag` and `post` say where to walk.
FILTERS: dict[str, Callable[[Any], Condition]] = {
    "status": lambda _: true(),
    "flag": lambda _: true(),
    "post": lambda _: true(),
    "email": lambda email: Comment.email == emails.folded(email),
    "network": lambda network: Comment.network == network,
    "has_edit": _edited,
    "q": _words,
}
# The same where the walk is another.
KEPT: dict[str, Callable[[Filters], Condition]] = {
    "status": _of_status,
    "flag": lambda filters: unindexed(Comment.flag).in_(filters["flag"]),
    "post": lambda filters: unindexed(Comment.post_id).in_(ids_of(filters["post"])),
}
