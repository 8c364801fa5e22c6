"""Statements over what a thread shows. Every column read here may be public, but for the email."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, case, select, tuple_
from sqlalchemy.orm import aliased

from cms.models import Comment, CommentStatus, Thread
from cms.models.base import UtcDateTime
from cms.services.published import among
from cms.services.sql import listed_rows, time_text

FIRST_PAGE = 20
MOST_INLINE = 50

IS_APPROVED = Comment.status == CommentStatus.APPROVED


def _of_approved(column: Any) -> ColumnElement[Any]:
    """Null where only the place of a comment is shown: its words never leave the database."""
    return case((IS_APPROVED, column))


COLUMNS = (
    Comment.id,
    Comment.parent_id,
    _of_approved(Comment.name).label("name"),
    _of_approved(Comment.url).label("url"),
    Comment.is_staff,
    # Only for the seed of an avatar.
    _of_approved(Comment.email).label("email"),
    _of_approved(Comment.html).label("html"),
    _of_approved(Comment.text).label("text"),
    time_text(Comment.created_at).label("created"),
    _of_approved(time_text(Comment.edited_at)).label("edited"),
    Comment.reply_count,
    case((IS_APPROVED, 0), else_=1).label("is_removed"),
    case((Comment.withdrawn_at.is_not(None), 1), else_=0).label("is_withdrawn"),
)
KEYS = (Comment.created_at, Comment.id)
# PostgreSQL walks the index in order only if the column that is null is named too.
FROM_ROOTS = (Comment.root_id, *KEYS)


@cache
def tops(*, descending: bool, answers: bool, after: bool) -> Select[Any]:
    """One page of roots, or of direct replies."""
    level = Comment.parent_id == _text("parent") if answers else Comment.root_id.is_(None)
    query = _shown(level).where(Comment.post_id == _text("post"))
    if after:
        place = tuple_(bindparam("after_at", type_=UtcDateTime()), _text("after_id"))
        query = query.where(tuple_(*KEYS) < place if descending else tuple_(*KEYS) > place)
    order = KEYS if answers else FROM_ROOTS
    query = query.order_by(*(key.desc() if descending else key for key in order))
    return query.limit(bindparam("limit", type_=Integer()))


@cache
def first_roots(size: int) -> Select[Any]:
    """`(post_id, rows as JSON)`: where the threads of some posts begin."""
    roots = _shown(Comment.post_id == Thread.post_id, Comment.root_id.is_(None))
    roots = roots.order_by(*FROM_ROOTS).limit(FIRST_PAGE).correlate(Thread)
    return select(Thread.post_id, listed_rows(roots)).where(among(Thread.post_id, "post", size))


@cache
def replies_of() -> Select[Any]:
    """How many direct replies the thread shows under `:parent`."""
    mine = Comment.id == _text("parent"), Comment.post_id == _text("post")
    return select(Comment.reply_count).where(*mine, Comment.shown)


@cache
def parent_of() -> Select[Any]:
    """What a comment answers, wherever it was sent to."""
    return select(Comment.parent_id).where(Comment.id == _text("comment"))


@cache
def below(column: str, size: int) -> Select[Any]:
    """`(id, rows as JSON)`: the first replies under each of some comments.

    Each reads its own by an index, to a limit: a long thread costs no more than a short one.
    """
    top = aliased(Comment)
    above = {"root_id": Comment.root_id, "parent_id": Comment.parent_id}[column]
    replies = _shown(above == top.id).order_by(*KEYS).limit(MOST_INLINE).correlate(top)
    return select(top.id, listed_rows(replies)).where(among(top.id, "top", size))


def _shown(*conditions: Any) -> Select[Any]:
    return select(*COLUMNS).where(*conditions, Comment.shown)


def _text(name: str) -> Any:
    return bindparam(name, type_=String())
