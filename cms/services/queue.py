"""A page of the comments that moderators look through: by urgency, then age, or by age alone.

A list of several statuses is put together from one walk along an index for each, and each walk
ends with the page. So a page costs the same however many comments there are; only words (`q`) are
sought row by row.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select, union_all

from cms.extensions import db
from cms.models import Comment, CommentEdit
from cms.services import counting, cursors
from cms.services.cursors import Page, scope
from cms.services.queue_filters import Filters
from cms.services.queue_walks import Order, Walk, walks
from cms.times import format_time


def page(
    filters: Filters,
    options: Sequence[Any],
    *,
    sort: str,
    limit: int,
    cursor: str | None,
    total: bool,
) -> Page:
    """One page by `urgency` or `created_at`, backwards with a `-`. Raises Malformed."""
    order = Order(sort.endswith("urgency"), sort.startswith("-"))
    belongs_to = scope("manage-comments", {**filters, "sort": sort})
    ahead = list(walks(filters, order))
    if cursor is not None:
        position = cursors.decode(belongs_to, cursor)
        ahead = [rest for one in ahead if (rest := one.after(order, position))]
    ids = _first(ahead, order, limit + 1)
    query = select(Comment).where(Comment.id.in_(ids)).options(*options)
    known = {one.id: one for one in db.session.scalars(query)}
    # What went between the two statements is not there.
    items = [known[one] for one in ids[:limit] if one in known]
    more = len(ids) > limit and bool(items)
    following = cursors.encode(belongs_to, _position(items[-1], order)) if more else None
    return Page(items, following, _total(filters) if total else None)


def _first(ahead: Sequence[Walk], order: Order, most: int) -> list[str]:
    if not ahead:
        return []
    parts = [select(one.ids(order, most).subquery()) for one in ahead]
    found = union_all(*parts).subquery().c
    query = select(found.id).order_by(*order.of(found.rank, found.created_at, found.id))
    return list(db.session.scalars(query.limit(most)))


def _position(item: Comment, order: Order) -> list[Any]:
    rank = order.rank(item.status, item.flag, item.edit is not None)
    return [rank, format_time(item.created_at), item.id]


def _total(filters: Filters) -> int:
    """How many there are: known by status and post, else counted."""
    if not filters.keys() - {"status", "post"}:
        return counting.total(filters.get("status"), filters.get("post"))
    if filters == {"has_edit": True}:
        return db.session.scalars(select(func.count()).select_from(CommentEdit)).one()
    if filters.get("has_edit") is False:
        # Nearly all have none: those that have one are counted faster.
        others = {name: value for name, value in filters.items() if name != "has_edit"}
        return _total(others) - _total({**others, "has_edit": True})
    found = walks(filters, Order(by_urgency=False, descending=False))
    # Each by itself: for a union of them, PostgreSQL would start workers, which takes longer than
    # to count what has a flag.
    numbers = [select(func.count(Comment.id)).where(one.condition) for one in found]
    known = sum((one.scalar_subquery() for one in numbers), literal(0))
    return db.session.scalar(select(known)) or 0
