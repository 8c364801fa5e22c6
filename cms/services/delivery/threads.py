"""Statements over what a thread shows. Every column read here may be public, but for the email."""

from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, select, tuple_, union_all
from sqlalchemy.sql.expression import CompoundSelect

from cms.models import Comment
from cms.models.base import UtcDateTime

MOST_INLINE = 50

COLUMNS = (
    Comment.id,
    Comment.parent_id,
    Comment.name,
    Comment.url,
    Comment.is_staff,
    # Only for the seed of an avatar.
    Comment.email,
    Comment.html,
    Comment.text,
    Comment.created_at,
    Comment.edited_at,
    Comment.reply_count,
)
KEYS = (Comment.created_at, Comment.id)


@cache
def tops(*, descending: bool, answers: bool, after: bool) -> Select[Any]:
    """One page of roots, or of direct replies."""
    level = Comment.parent_id == _text("parent") if answers else Comment.root_id.is_(None)
    query = select(*COLUMNS).where(Comment.post_id == _text("post"), Comment.shown, level)
    if after:
        place = tuple_(bindparam("after_at", type_=UtcDateTime()), _text("after_id"))
        query = query.where(tuple_(*KEYS) < place if descending else tuple_(*KEYS) > place)
    # PostgreSQL walks the index in order only if the column that is null is named too.
    order = KEYS if answers else (Comment.root_id, *KEYS)
    query = query.order_by(*(key.desc() if descending else key for key in order))
    return query.limit(bindparam("limit", type_=Integer()))


@cache
def replies_of() -> Select[Any]:
    """How many direct replies the thread shows under `:parent`."""
    mine = Comment.id == _text("parent"), Comment.post_id == _text("post")
    return select(Comment.reply_count).where(*mine, Comment.shown)


@cache
def below(column: str, size: int) -> CompoundSelect[Any]:
    """The first replies under each of some comments: a union, so that none reads the others'."""
    above = {"root_id": Comment.root_id, "parent_id": Comment.parent_id}[column]
    parts = [
        select(*COLUMNS)
        .where(above == _text(f"top_{n}"), Comment.shown)
        .order_by(*KEYS)
        .limit(MOST_INLINE)
        for n in range(size)
    ]
    return union_all(*(select(part.subquery()) for part in parts))


def _text(name: str) -> Any:
    return bindparam(name, type_=String())
