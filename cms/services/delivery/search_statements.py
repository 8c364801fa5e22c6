"""Statements of searches. A word that is everywhere finds the newest hits, and ranks those alone.

Newest by publication: both databases can walk their rows in that order, and stop.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Double,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
)

from cms.models import Publication
from cms.services.delivery.list_statements import LIMIT, has_any
from cms.services.delivery.list_words import QUERY, TOLD
from cms.services.published import is_public
from cms.services.search import INDEX
from cms.services.search_newest import NEWEST
from cms.services.sql import texts_of
from cms.services.sql_plans import unindexed
from cms.services.sql_search import (
    is_told,
    matches,
    relevance,
    says_all,
    text_of_hit,
    told_in_title,
)

MOST_RANKED = 1000
# Parts of a search as `told_in_title` takes them, all of them.
TITLED = bindparam("titled")
# What is asked of the index: words, whose weight is that of `QUERY`, and what texts are filed by.
ASKED = bindparam("asked")
SINCE = bindparam("since", type_=Integer())
# PostgreSQL has to know how frequent these very words are.
ANEW = {"planned_anew": True}


class Shape(NamedTuple):
    """`groups` as in lists, rounded. By `tells`, texts have to say what is `:told` as well; by
    `titled`, each of `:titled` weighs that stands in a title; by `after`, none was `:seen`.
    """

    groups: tuple[int, ...] = ()
    tells: bool = False
    titled: bool = False
    after: bool = False


@lru_cache(maxsize=64)
def page(shape: Shape, *, on_sqlite: bool) -> Select[Any]:
    """`(id, score, kind, summary, entry_id, text)` of the best, in no order."""
    if on_sqlite:
        found = _matching(INDEX, Publication.id, _score(INDEX), *_SHOWN)
        if shape.tells:
            found = found.where(says_all(Publication.id, TOLD))
        ranked = _newest_public(found, INDEX, shape.groups)
    else:
        ranked = _first_public(shape, INDEX.c.text)
    best = _best(ranked.subquery(), shape)
    return _with_texts(best) if on_sqlite else best


@lru_cache(maxsize=64)
def newest(shape: Shape, *, on_sqlite: bool) -> Select[Any]:
    """The same of the newest texts alone: nothing, where they have too few hits.

    Behind a cursor, whatever they have: the page before had enough.
    """
    matching = _matching if on_sqlite else _sorted_first
    found = matching(NEWEST, Publication.id, _score(NEWEST), *_SHOWN)
    return _if_enough(_newest_public(found, NEWEST, shape.groups), shape)


@lru_cache(maxsize=64)
def recent(shape: Shape) -> Select[Any]:
    """The same of all texts from the publication `:since` on; on PostgreSQL."""
    ranked = _first_public(shape, since=[INDEX.c.rowid >= SINCE])
    return _if_enough(ranked, shape).execution_options(**ANEW)


def _first_public(shape: Shape, *more: Any, since: Sequence[Any] = ()) -> Select[Any]:
    """For PostgreSQL. Filters come before the posts are read: they look at one index alone."""
    shown = (Publication.id, _score(INDEX), *_SHOWN, *more)
    narrowed = [*since, is_told(INDEX, TOLD)] if shape.tells else since
    found = _sorted_first(INDEX, *shown, groups=shape.groups, narrowed=narrowed)
    return _newest_public(found, INDEX, ())


def _if_enough(newest: Select[Any], shape: Shape) -> Select[Any]:
    """The best of these; nothing, where there are fewer than are ranked."""
    ranked = newest.cte("ranked")
    best = _best(ranked, shape)
    if not shape.after:
        enough = select(func.count()).select_from(ranked).scalar_subquery() == MOST_RANKED
        best = best.where(enough)
    return _with_texts(best)


def _score(index: Any) -> Any:
    return cast(relevance(index, QUERY), Double()).label("score")


_SHOWN = (Publication.kind, Publication.summary, Publication.entry_id)


def _matching(index: Any, *shown: Any) -> Select[Any]:
    # From the index to the rows: the other way, FTS5 can not match.
    joined = Publication.id == unindexed(index.c.rowid)
    return select(*shown).select_from(index).join(Publication, joined).where(matches(index, ASKED))


def _sorted_first(
    index: Any, *shown: Any, groups: tuple[int, ...] = (), narrowed: Sequence[Any] = ()
) -> Select[Any]:
    """For PostgreSQL, which does not know how many texts have a word with a beginning, or several
    words: it gathers their numbers, sorts those, and looks at rows until there are enough.
    """
    first = _in_order(select(index.c.rowid).where(matches(index, ASKED), *narrowed))
    if groups:
        passing = (has_any(number, size, first.c.rowid) for number, size in enumerate(groups))
        first = _in_order(select(first.c.rowid).where(*passing))
    joined = index.join(first, first.c.rowid == index.c.rowid)
    return select(*shown).select_from(joined.join(Publication, Publication.id == first.c.rowid))


def _in_order(numbers: Select[Any]) -> Subquery:
    """The newest first, and by themselves, whatever they are joined with."""
    number = numbers.selected_columns.rowid
    return numbers.order_by(number.desc()).offset(literal_column("0")).subquery()


def _newest_public(found: Select[Any], index: Any, groups: tuple[int, ...]) -> Select[Any]:
    narrowed = (has_any(number, size) for number, size in enumerate(groups))
    return found.where(is_public(), *narrowed).order_by(index.c.rowid.desc()).limit(MOST_RANKED)


def _with_texts(best: Select[Any]) -> Select[Any]:
    """Texts are read of what is shown alone."""
    rows = best.subquery()
    return select(*rows.c, text_of_hit(rows.c.id))


def _best(hits: FromClause, shape: Shape) -> Select[Any]:
    """Behind a cursor, without those that were `:seen`: each publication changes what words weigh,
    so no score says how far the pages have come. What was published again meanwhile was seen.
    """
    score = hits.c.score
    if shape.titled:
        # Not of all that is found, but of those that are ranked.
        score = cast(score + told_in_title(hits.c.id, TITLED), Double()).label("score")
    others = [column for column in hits.c if column.key not in ("id", "score")]
    query = select(hits.c.id, score, *others)
    if shape.after:
        given = texts_of(bindparam("seen", type_=Text())).table_valued("value")
        seen = select(cast(given.c.value, Integer()))
        entries = select(Publication.entry_id).where(Publication.id.in_(seen))
        query = query.where(hits.c.entry_id.not_in(entries))
    return query.order_by(score.desc(), hits.c.id.desc()).limit(LIMIT)


@lru_cache(maxsize=64)
def counting(groups: tuple[int, ...], *, tells: bool) -> Select[Any]:
    found = _matching(INDEX, literal(1).label("one"))
    if tells:
        found = found.where(says_all(Publication.id, TOLD))
    hits = _newest_public(found, INDEX, groups).subquery()
    return select(func.count()).select_from(hits).execution_options(**ANEW)


@lru_cache(maxsize=4)
def probing(most: int) -> Select[Any]:
    """How many of the newest texts have all that is asked for, public or not, as far as `most`."""
    found = select(NEWEST.c.rowid).where(matches(NEWEST, QUERY)).limit(most).subquery()
    return select(func.count()).select_from(found).execution_options(**ANEW)


_EACH = texts_of(bindparam("queries", type_=Text())).table_valued("value")
_HAVING = select(NEWEST.c.rowid).where(matches(NEWEST, _EACH.c.value))
_COUNTED = _HAVING.limit(bindparam("enough", type_=Integer())).correlate(_EACH).subquery()
_COUNT = select(func.count()).select_from(_COUNTED).correlate(_EACH).scalar_subquery()
# How many of the newest texts have each of `:queries`, a JSON list of expressions, in its order; as
# far as `:enough`.
COUNTS = select(_COUNT).select_from(_EACH)
