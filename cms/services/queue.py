"""A page of the comments that moderators look through: by urgency, then age, or by age alone.

A list of several statuses is put together from one walk along an index for each, and each walk
ends with the page. So a page costs the same however many comments there are; only words (`q`) are
sought row by row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from cms.extensions import db
from cms.models import Comment, CommentEdit, CommentStatus, Post
from cms.services import counting, cursors, emails
from cms.services.cursors import Page, scope
from cms.services.sql import unindexed
from cms.times import format_time, parse_time

Condition = ColumnElement[bool]
Filters = Mapping[str, Any]
# What waits, by flag: a comment, or an edit of one that is approved. What somebody has decided is
# not urgent any more.
URGENCIES = {"crisis": 0, "adverse_event": 1}
CALM = 2
AGE = (Comment.created_at, Comment.id)
# As a value, so that no database walks along the edits and sorts.
HAS_EDIT = (
    select(CommentEdit.comment_id)
    .where(CommentEdit.comment_id == Comment.id)
    .scalar_subquery()
    .is_not(None)
)


@dataclass(frozen=True)
class Order:
    by_urgency: bool
    descending: bool

    def of(self, *columns: Any) -> list[Any]:
        return [column.desc() if self.descending else column.asc() for column in columns]

    def rank(self, status: CommentStatus, flag: str | None, has_edit: bool) -> int:
        waits = status == CommentStatus.PENDING or (has_edit and status == CommentStatus.APPROVED)
        return URGENCIES.get(flag or "", CALM) if self.by_urgency and waits else CALM


@dataclass(frozen=True)
class Walk:
    """Along an index, by age: comments of one rank. `still` are columns that are the same in all.

    PostgreSQL has to be told of these to see that the index has the order that is asked for.
    """

    rank: int
    condition: Condition
    still: tuple[Any, ...] = ()

    def ids(self, order: Order, most: int) -> Select[Any]:
        found = select(Comment.id, literal(self.rank).label("rank"), Comment.created_at)
        return found.where(self.condition).order_by(*order.of(*self.still, *AGE)).limit(most)

    def after(self, order: Order, position: Sequence[Any]) -> "Walk | None":
        """The rest of it from a position on; None where nothing comes."""
        rank, time, comment_id = position
        if rank != self.rank:
            return self if (self.rank > rank) is not order.descending else None
        there = literal(parse_time(time), AGE[0].type), literal(comment_id, AGE[1].type)
        is_next = (
            tuple_(*AGE) < tuple_(*there) if order.descending else tuple_(*AGE) > tuple_(*there)
        )
        return replace(self, condition=and_(self.condition, is_next))


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
    walks = list(_walks(filters, order))
    if cursor is not None:
        position = cursors.decode(belongs_to, cursor)
        walks = [rest for one in walks if (rest := one.after(order, position))]
    ids = _first(walks, order, limit + 1)
    query = select(Comment).where(Comment.id.in_(ids)).options(*options)
    known = {one.id: one for one in db.session.scalars(query)}
    # What went between the two statements is not there.
    items = [known[one] for one in ids[:limit] if one in known]
    more = len(ids) > limit and bool(items)
    following = cursors.encode(belongs_to, _position(items[-1], order)) if more else None
    return Page(items, following, _total(filters) if total else None)


def _first(walks: Sequence[Walk], order: Order, most: int) -> list[str]:
    if not walks:
        return []
    parts = [select(one.ids(order, most).subquery()) for one in walks]
    found = union_all(*parts).subquery().c
    query = select(found.id).order_by(*order.of(found.rank, found.created_at, found.id))
    return list(db.session.scalars(query.limit(most)))


def _position(item: Comment, order: Order) -> list[Any]:
    rank = order.rank(item.status, item.flag, item.edit is not None)
    return [rank, format_time(item.created_at), item.id]


def _walks(filters: Filters, order: Order) -> Iterator[Walk]:
    """The walks whose union the list is."""
    rest = and_(true(), *(FILTERS[name](value) for name, value in filters.items()))
    is_narrow = bool(filters.keys() & NARROW or filters.get("has_edit"))
    if is_narrow or not filters.keys() & KEPT.keys():
        # An index of their own finds these. What they are is looked at only then.
        kept = and_(rest, *(KEPT[name](filters[name]) for name in filters.keys() & KEPT.keys()))
        ranks = _ranks(order, unindexed if is_narrow else _as_it_is)
        yield from (Walk(rank, and_(kept, among)) for rank, among in ranks)
        return
    statuses = set(filters.get("status") or CommentStatus)
    flags = set(filters.get("flag") or (*URGENCIES, None))
    for post_id, status, flag in product(_posts(filters), statuses, flags):
        still = {Comment.status: status, Comment.flag: flag}
        still = ({Comment.post_id: post_id} if post_id else {}) | still
        same = and_(rest, *(column == value for column, value in still.items()))
        for has_edit, among in _halves(order, status, flag):
            rank = order.rank(status, flag, has_edit)
            yield Walk(rank, and_(same, among), tuple(still))


def _halves(order: Order, status: str, flag: str | None) -> list[tuple[bool, Condition]]:
    """Those with an edit and those without, where that makes another rank."""
    if order.by_urgency and flag and status == CommentStatus.APPROVED:
        return [(True, HAS_EDIT), (False, not_(HAS_EDIT))]
    return [(False, true())]


def _ranks(order: Order, found: Callable[[Any], Any]) -> Iterator[tuple[int, Condition]]:
    """What each rank holds; `found` says whether those that are urgent have an index."""
    if not order.by_urgency:
        yield CALM, true()
        return
    for flag, rank in URGENCIES.items():
        for waits in _waiting(found):
            yield rank, and_(waits, found(Comment.flag) == flag)
    yield CALM, not_(and_(unindexed(Comment.flag).is_not(None), or_(*_waiting(unindexed))))


def _waiting(found: Callable[[Any], Any]) -> Sequence[Condition]:
    status = found(Comment.status)
    return status == CommentStatus.PENDING, and_(status == CommentStatus.APPROVED, HAS_EDIT)


def _as_it_is(column: Any) -> Any:
    return column


def _posts(filters: Filters) -> Sequence[str | None]:
    return _ids_of(filters["post"]) if "post" in filters else [None]


def _ids_of(post: str) -> Sequence[str]:
    named = or_(Post.id == post, Post.slug == post)
    return db.session.scalars(select(Post.id).where(named)).all()


def _total(filters: Filters) -> int:
    """How many there are: known by status and post, else counted."""
    if not filters.keys() - {"status", "post"}:
        return counting.total(filters.get("status"), filters.get("post"))
    if filters.get("has_edit") is False:
        # Nearly all have none: those that have one are counted faster.
        others = {name: value for name, value in filters.items() if name != "has_edit"}
        return _total(others) - _total({**others, "has_edit": True})
    walks = _walks(filters, Order(by_urgency=False, descending=False))
    numbers = [select(func.count(Comment.id)).where(one.condition) for one in walks]
    return sum(db.session.scalars(union_all(*numbers))) if numbers else 0


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
    edited = Comment.id.in_(select(CommentEdit.comment_id))
    return edited if wanted else ~Comment.edit.has()


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
KEPT: dict[str, Callable[[Any], Condition]] = {
    "status": lambda statuses: unindexed(Comment.status).in_(statuses),
    "flag": lambda flags: unindexed(Comment.flag).in_(flags),
    "post": lambda post: unindexed(Comment.post_id).in_(_ids_of(post)),
}
