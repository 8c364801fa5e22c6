"""Statements of public lists, by keyset, at a cost that does not depend on depth or on history.

"Any of" is a union of limited queries, one for each value: an index then gives every part in
order, where `IN` with a sort would read all that match.
"""

from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from cms.models import Kind, Publication, PublicationCount, PublicationTerm, Thread
from cms.services.delivery import list_bounds
from cms.services.delivery.columns import COLUMNS, OF_THREADS
from cms.services.delivery.list_words import ASKED, WORDS
from cms.services.published import NOW, among, is_public
from cms.services.sql_plans import unindexed

SORTS = {
    "published_at": Publication.published_at,
    "updated_at": Publication.visible_from,
    "title": Publication.title_key,
    "question": Publication.title_key,
    "position": Publication.position,
}
# Sorts by time start and stop at a moment: nothing that is to come is read on the way.
TIMED = {"published_at", "updated_at"}
LIMIT = bindparam("limit", type_=Integer())
# A statement has a branch for each locale and each of any terms: so many at most, and so many of
# one that is kept for long.
MOST_BRANCHES, SMALL = 20, 3


# Names of filters by time.
Bounds = tuple[str, ...]


# A tuple: it is made and looked up at each request.
class Shape(NamedTuple):
    """What kind of list is asked for, without the values: each shape is one statement.

    `groups` are the sizes of the groups of terms: any of each, all groups. `slugs` and `entries`
    are rounded lengths of allow-lists, 0 for none.
    """

    kind: Kind
    sort: str
    descending: bool
    locales: int = 1
    groups: tuple[int, ...] = ()
    bounds: Bounds = ()
    slugs: int = 0
    entries: int = 0
    after: bool = False
    has_lower: bool = False
    has_upper: bool = False
    columns: str = "brief"
    # As `questions.Words` has it; None without words.
    words: str | None = None
    # Bounds by which the rows are found that pass them: read and put in order at each page.
    found_by: Bounds = ()

    @property
    def is_sorted(self) -> bool:
        """Whether few rows are found by something else than their order, and sorted then."""
        return bool(self.slugs or self.entries or self.found_by)

    @property
    def is_by_term(self) -> bool:
        """Whether it is found by its first group of terms: each has the list in every order."""
        if self.slugs or self.entries or not self.groups:
            return False
        return goes_by_terms(self.locales, self.groups[0])


def goes_by_terms(locales: int, terms: int) -> bool:
    """Beyond some branches, to write and to plan a statement takes longer than all of it."""
    return locales * terms <= MOST_BRANCHES


def statement(shape: Shape) -> Select[Any]:
    """Rows of `(entry_id, sort value, *columns)`; parameters as `Question` and `Span` of
    `questions` name them.
    """
    return _small_statement(shape) if len(_branches(shape)) <= SMALL else _large_statement(shape)


def _statement(shape: Shape) -> Select[Any]:
    return _planned(_page(shape), shape)


# Strangers choose the shapes, so only so many are kept: each branch takes some 60 kB.
_small_statement, _large_statement = lru_cache(128)(_statement), lru_cache(8)(_statement)


def _page(shape: Shape) -> Select[Any]:
    sort = SORTS[shape.sort]
    branches = _branches(shape)
    wanted = select(Publication.entry_id, sort, *COLUMNS[shape.columns])
    if shape.columns in OF_THREADS:
        wanted = wanted.outerjoin(Thread, Thread.post_id == Publication.entry_id)
    by_term = shape.is_by_term
    if len(branches) == 1:
        return _ordered(_narrowed(wanted, shape, *branches[0]), shape, by_term=by_term)
    parts = [
        _ordered(_narrowed(select(Publication.id), shape, *branch), shape, by_term=by_term)
        for branch in branches
    ]
    found = union(*(select(part.subquery()) for part in parts)).subquery()
    together = wanted.join(found, found.c.id == Publication.id)
    return _ordered(together, shape, by_term=False)


@lru_cache(maxsize=32)
def counting(shape: Shape) -> Select[Any]:
    """How many rows a list has that no counter counts."""
    parts = [_narrowed(select(Publication.id), shape, *branch) for branch in _branches(shape)]
    counted = select(func.count()).select_from(union(*parts).subquery())
    return _planned(counted, shape)


def _planned(query: Select[Any], shape: Shape) -> Select[Any]:
    """PostgreSQL has to know how frequent these very words are, and how long ago a time is."""
    anew = shape.words or shape.bounds
    return query.execution_options(planned_anew=True) if anew else query


@lru_cache(maxsize=32)
def counters(size: int) -> Select[Any]:
    """`(locale, term, total)` of live and waiting rows."""
    count = PublicationCount
    return select(count.locale, count.term, count.total).where(
        count.kind == bindparam("kind", type_=String()), among(count.term, "term", size)
    )


def _branches(shape: Shape) -> list[tuple[int, int | None]]:
    terms = range(shape.groups[0]) if shape.is_by_term else [None]
    return list(product(range(shape.locales), terms))


def _narrowed(query: Select[Any], shape: Shape, locale: int, term: int | None) -> Select[Any]:
    row, by_term = Publication, term is not None
    # Hits are looked at one by one: the list's own index would be walked for each page.
    plain = unindexed if shape.words in ASKED else list_bounds.as_it_is
    query = query.where(
        plain(row.kind) == literal(shape.kind, row.kind.type),
        plain(row.locale) == _text(f"locale_{locale}"),
    )
    query = query.where(is_public())
    if by_term:
        query = query.join(PublicationTerm, PublicationTerm.publication_id == row.id).where(
            PublicationTerm.term == _text(f"term_0_{term}"),
            PublicationTerm.kind == shape.kind,
            PublicationTerm.locale == _text(f"locale_{locale}"),
        )
    # Asked of the term's row, which is read first, the other groups need no publication.
    number_of = PublicationTerm.publication_id if by_term else row.id
    for group, size in enumerate(shape.groups):
        if group or not by_term:
            query = query.where(has_any(group, size, number_of))
    return query.where(*_filters(shape, by_term), *_range(shape, _keys(shape, by_term=by_term)))


def has_any(group: int, size: int, row: Any = Publication.id) -> ColumnElement[bool]:
    """Whether a publication, whose number `row` is, has any term of a group."""
    other = aliased(PublicationTerm)
    return exists().where(other.publication_id == row, among(other.term, f"term_{group}", size))


def _filters(shape: Shape, by_term: bool) -> list[ColumnElement[bool]]:
    found = list_bounds.conditions(shape.bounds, shape.found_by, _row(by_term))
    if shape.slugs:
        found.append(among(Publication.slug, "slug", shape.slugs))
    if shape.entries:
        found.append(among(Publication.entry_id, "entry", shape.entries))
    return found + (WORDS[shape.words] if shape.words else [])


def _range(shape: Shape, keys: list[ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    """Where in the order the page lies: one bound on each side, by which the index is entered.

    Two bounds on one side would do the same, but SQLite might enter at the looser one, and a deep
    page would walk through all before it. Hence `:lower` and `:upper`, worked out beforehand.
    """
    key, tie = keys
    value = SORTS[shape.sort].type
    found = []
    if shape.has_upper:
        found.append(key <= bindparam("upper", type_=value))
    elif shape.sort in TIMED:
        found.append(key <= NOW)
    if shape.has_lower:
        found.append(key >= bindparam("lower", type_=value))
    if shape.after:
        beyond = unindexed(key) != bindparam("after_value", type_=value)
        last = _text("after_id")
        found.append(or_(beyond, tie < last if shape.descending else tie > last))
    return found


def _keys(shape: Shape, *, by_term: bool) -> list[ColumnElement[Any]]:
    row = _row(by_term)
    # SQLite would walk the order, and look at each row of the list.
    plain = unindexed if shape.is_sorted else list_bounds.as_it_is
    return [plain(getattr(row, SORTS[shape.sort].key)), row.entry_id]


def _row(by_term: bool) -> Any:
    """Who has what lists are put in order by."""
    return PublicationTerm if by_term else Publication


def _ordered(query: Select[Any], shape: Shape, *, by_term: bool) -> Select[Any]:
    keys = _keys(shape, by_term=by_term)
    return query.order_by(*(key.desc() if shape.descending else key for key in keys)).limit(LIMIT)


def _text(name: str) -> Any:
    return bindparam(name, type_=String())
