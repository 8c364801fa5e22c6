"""What moderators see of comments. What they make of them is in `moderating`, and how one gets here
in `submitting`.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cms.actor import Actor
from cms.errors import NotFound
from cms.extensions import db
from cms.models import Comment, CommentStatus, Post
from cms.permissions import Action, allows, require
from cms.services import counting, queue
from cms.services.cursors import Page

# What a queue shows of a post: never its bodies.
WITH_POST = joinedload(Comment.post).load_only(Post.id, Post.slug, Post.title)
WHOLE = WITH_POST, joinedload(Comment.edit), joinedload(Comment.consent)
# Which filters tell what not everybody may read.
CONTACT_FILTERS = {"email", "network"}


def sees_contact(actor: Actor) -> bool:
    """Whether this person may read where a comment came from, and search by it."""
    return allows(actor, Action.COMMENT_READ_CONTACT)


def find(
    actor: Actor, *, sort: str, limit: int, cursor: str | None, total: bool, **filters: Any
) -> Page:
    """A page of comments of any status, by `queue_filters.FILTERS` and in the orders of `queue`.

    Raises Forbidden (`email` or `network` by someone who may not read them), Malformed for a bad
    cursor.
    """
    require(actor, Action.COMMENT_READ)
    if filters.keys() & CONTACT_FILTERS:
        require(actor, Action.COMMENT_READ_CONTACT)
    page = queue.page(
        filters,
        WHOLE,
        sort=sort,
        limit=limit,
        cursor=cursor,
        total=total,
    )
    return replace(page, counts=counting.by_status(filters.get("post")))


def get(actor: Actor, comment_id: str) -> Comment:
    """Raises Forbidden, NotFound."""
    require(actor, Action.COMMENT_READ)
    query = select(Comment).filter_by(id=comment_id).options(*WHOLE)
    return found(db.session.scalar(query))


def newest_pending(actor: Actor) -> str:
    """The id of the comment that came in last. Raises Forbidden, NotFound when none waits."""
    require(actor, Action.COMMENT_READ)
    # Ids are ordered by the time they were made; `created_at` of moved comments is older.
    query = select(Comment.id).where(Comment.status == CommentStatus.PENDING)
    newest = db.session.scalar(query.order_by(Comment.id.desc()).limit(1))
    if newest is None:
        raise NotFound("No comment waits for a moderator.", reason="not_found")
    return newest


def found(comment: Comment | None) -> Comment:
    """The comment that was looked for. Raises NotFound."""
    if comment is None:
        raise NotFound("There is no such comment.", reason="not_found")
    return comment
