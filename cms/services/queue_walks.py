"""Where the queue of comments is found: one walk along an index for each rank, status and flag."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from sqlalchemy import Select, and_, literal, not_, or_, select, true, tuple_

from cms.models import Comment, CommentStatus
from cms.services.queue_filters import (
    BY_EDIT,
    FILTERS,
    HAS_EDIT,
    KEPT,
    NARROW,
    Condition,
    Filters,
    edits_are_few,
    ids_of,
    takes_edits,
)
from cms.services.sql_plans import unindexed
from cms.times import parse_time

# What waits, by flag: a comment, or an edit of one that is approved. What somebody has decided is
# not urgent any more.
URGENCIES = {"crisis": 0, "adverse_event": 1}
CALM = 2
AGE = (Comment.created_at, Comment.id)


@dataclass(frozen=True)
class Order:
    by_urgency: bool
    descending: bool

    def of(self, *columns: Any) -> list[Any]:
        return [column.desc() if self.descending else column.asc() for column in columns]

    def rank(self, status: str, flag: str | None, has_edit: bool) -> int:
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


def walks(filters: Filters, order: Order) -> Iterator[Walk]:
    """The walks whose union the list is. No comment is on two of them."""
    rest = and_(true(), *(FILTERS[name](value) for name, value in filters.items()))
    is_narrow = bool(filters.keys() & NARROW or filters.get("has_edit"))
    if is_narrow or not filters.keys() & KEPT.keys():
        # An index of their own finds these. What they are is looked at only then.
        kept = and_(rest, *(KEPT[name](filters) for name in filters.keys() & KEPT.keys()))
        ranks = _ranks(order, is_narrow)
        yield from (Walk(rank, and_(kept, among)) for rank, among in ranks)
        return
    kinds = list(_kinds(filters, order))
    edited = [flag for _, flag, has_edit, _ in kinds if has_edit]
    # Of one post, fewer have a flag than edits may wait on all.
    if edited and "post" not in filters and edits_are_few():
        yield from _by_edits(edited, order, rest)
        kinds = [one for one in kinds if not one[2]]
    for post_id, (status, flag, has_edit, among) in product(_posts(filters), kinds):
        still = {Comment.status: status, Comment.flag: flag}
        still = ({Comment.post_id: post_id} if post_id else {}) | still
        same = and_(rest, *(column == value for column, value in still.items()))
        yield Walk(order.rank(status, flag, has_edit), and_(same, among), tuple(still))


def _by_edits(flags: Sequence[str | None], order: Order, rest: Condition) -> Iterator[Walk]:
    """Approved comments with a flag whose edit waits, of each rank: found by the edits, sorted."""
    ranks: dict[int, list[str | None]] = {}
    for flag in flags:
        ranks.setdefault(order.rank(CommentStatus.APPROVED, flag, True), []).append(flag)
    for rank, some in ranks.items():
        edited = _is_edited(unindexed, BY_EDIT)
        yield Walk(rank, and_(rest, edited, unindexed(Comment.flag).in_(some)))


def _kinds(filters: Filters, order: Order) -> Iterator[tuple[str, str | None, bool, Condition]]:
    """By status and flag, and by whether an edit waits where that makes another rank."""
    flags = set(filters.get("flag") or (*URGENCIES, None))
    for status, flag in product(set(filters.get("status") or CommentStatus), flags):
        if order.by_urgency and flag and status == CommentStatus.APPROVED:
            yield status, flag, True, HAS_EDIT
            yield status, flag, False, not_(HAS_EDIT)
        else:
            yield status, flag, False, true()
    if takes_edits(filters):
        yield from ((CommentStatus.APPROVED, flag, True, HAS_EDIT) for flag in flags)


def _ranks(order: Order, is_narrow: bool) -> Iterator[tuple[int, Condition]]:
    """What each rank holds; where the list is narrow, its own index finds what is urgent, too."""
    if not order.by_urgency:
        yield CALM, true()
        return
    found = unindexed if is_narrow else _as_it_is
    has_edit = HAS_EDIT if is_narrow or not edits_are_few() else BY_EDIT
    entered = unindexed if has_edit is BY_EDIT else found
    for flag, rank in URGENCIES.items():
        yield rank, and_(_waits(found), found(Comment.flag) == flag)
        yield rank, and_(_is_edited(entered, has_edit), entered(Comment.flag) == flag)
    urgent = or_(_waits(unindexed), _is_edited(unindexed, HAS_EDIT))
    yield CALM, not_(and_(unindexed(Comment.flag).is_not(None), urgent))


def _waits(found: Callable[[Any], Any]) -> Condition:
    return found(Comment.status) == CommentStatus.PENDING


def _is_edited(found: Callable[[Any], Any], has_edit: Condition) -> Condition:
    return and_(found(Comment.status) == CommentStatus.APPROVED, has_edit)


def _as_it_is(column: Any) -> Any:
    return column


def _posts(filters: Filters) -> Sequence[str | None]:
    return ids_of(filters["post"]) if "post" in filters else [None]
