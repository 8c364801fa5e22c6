"""Lists of public rows by keyset, at a cost that does not depend on depth or on history.

"Any of" is a union of limited queries, one for each value: an index then gives every part in
order, where `IN` with a sort would read all that match.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, exists, func, select
from sqlalchemy import tuple_, union
from sqlalchemy.orm import aliased

from cms.models import Kind, Publication, PublicationCount, PublicationTerm, Thread
from cms.models.base import UtcDateTime
from cms.services.published import BRIEF, FULL, NOW, among, is_public

SORTS = {
    "published_at": Publication.published_at,
    "updated_at": Publication.visible_from,
    "title": Publication.title_key,
    "question": Publication.title_key,
    "position": Publication.position,
}
BOUNDS = {
    "published_after": Publication.published_at > bindparam("published_after", type_=UtcDateTime()),
    "published_before": Publication.published_at
    < bindparam("published_before", type_=UtcDateTime()),
    "updated_after": Publication.visible_from > bindparam("updated_after", type_=UtcDateTime()),
}
LIMIT = bindparam("limit", type_=Integer())


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What kind of list is asked for, without the values: each shape is one statement.

    `groups` are the sizes of the groups of terms: any of each, all groups. `slugs` and `entries`
    are rounded lengths of allow-lists, 0 for none.
    """

    kind: Kind
    sort: str
    descending: bool
    locales: int = 1
    groups: tuple[int, ...] = ()
    bounds: tuple[str, ...] = ()
    slugs: int = 0
    entries: int = 0
    after: bool = False
    full: bool = False


@cache
def statement(shape: Shape) -> Select[Any]:
    """Rows of `(entry_id, sort value, BRIEF or FULL…)`; parameters as `parameters` names them."""
    columns = FULL if shape.full else BRIEF
    sort = SORTS[shape.sort]
    branches = _branches(shape)
    wanted = select(Publication.entry_id, sort, *columns).outerjoin(
        Thread, Thread.post_id == Publication.entry_id
    )
    by_term = bool(shape.groups)
    if len(branches) == 1:
        return _ordered(_narrowed(wanted, shape, *branches[0]), shape, by_term=by_term)
    parts = [
        _ordered(_narrowed(select(Publication.id), shape, *branch), shape, by_term=by_term)
        for branch in branches
    ]
    found = union(*(select(part.subquery()) for part in parts)).subquery()
    together = wanted.join(found, found.c.id == Publication.id)
    return _ordered(together, shape, by_term=False)


@cache
def counting(shape: Shape) -> Select[Any]:
    """How many rows a list has that no counter counts."""
    parts = [_narrowed(select(Publication.id), shape, *branch) for branch in _branches(shape)]
    return select(func.count()).select_from(union(*parts).subquery())


@cache
def counters(size: int) -> Select[Any]:
    """`(locale, term, total)` of live and waiting rows."""
    count = PublicationCount
    return select(count.locale, count.term, count.total).where(
        count.kind == bindparam("kind", type_=String()), among(count.term, "term", size)
    )


def _branches(shape: Shape) -> list[tuple[int, int | None]]:
    terms = range(shape.groups[0]) if shape.groups else [None]
    return list(product(range(shape.locales), terms))


def _narrowed(query: Select[Any], shape: Shape, locale: int, term: int | None) -> Select[Any]:
    row = Publication
    query = query.where(row.kind == shape.kind, row.locale == _text(f"locale_{locale}"))
    query = query.where(is_public(), row.published_at <= NOW)
    if term is not None:
        query = query.join(PublicationTerm, PublicationTerm.publication_id == row.id).where(
            PublicationTerm.term == _text(f"term_0_{term}"),
            PublicationTerm.kind == shape.kind,
            PublicationTerm.locale == _text(f"locale_{locale}"),
            PublicationTerm.published_at <= NOW,
        )
    for number, size in enumerate(shape.groups[1:], start=1):
        query = query.where(_has_any(number, size))
    return query.where(*_conditions(shape, by_term=term is not None))


def _has_any(group: int, size: int) -> ColumnElement[bool]:
    other = aliased(PublicationTerm)
    return exists().where(
        other.publication_id == Publication.id, among(other.term, f"term_{group}", size)
    )


def _conditions(shape: Shape, *, by_term: bool) -> list[ColumnElement[bool]]:
    found = [BOUNDS[name] for name in shape.bounds]
    if shape.slugs:
        found.append(among(Publication.slug, "slug", shape.slugs))
    if shape.entries:
        found.append(among(Publication.entry_id, "entry", shape.entries))
    if shape.after:
        keys = tuple_(*_keys(shape, by_term=by_term))
        sort = SORTS[shape.sort]
        place = tuple_(bindparam("after_value", type_=sort.type), _text("after_id"))
        found.append(keys < place if shape.descending else keys > place)
    return found


def _keys(shape: Shape, *, by_term: bool) -> list[ColumnElement[Any]]:
    if by_term and shape.sort == "published_at":
        return [PublicationTerm.published_at, PublicationTerm.entry_id]
    return [SORTS[shape.sort], Publication.entry_id]


def _ordered(query: Select[Any], shape: Shape, *, by_term: bool) -> Select[Any]:
    keys = _keys(shape, by_term=by_term)
    return query.order_by(*(key.desc() if shape.descending else key for key in keys)).limit(LIMIT)


def _text(name: str) -> Any:
    return bindparam(name, type_=String())
