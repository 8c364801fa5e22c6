"""Statements of searches. A word that is everywhere finds the newest hits, and ranks those alone.

Newest by publication: both databases can walk their rows in that order, and stop.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Double,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)

from cms.models import Publication
from cms.services.delivery.list_statements import LIMIT, QUERY, TOLD, has_any
from cms.services.published import is_public
from cms.services.search import INDEX
from cms.services.search_newest import NEWEST
from cms.services.sql_plans import unindexed
from cms.services.sql_search import matches, relevance, says_all, text_of_hit

MOST_RANKED = 1000
# PostgreSQL has to know how frequent these very words are.
ANEW = {"planned_anew": True}


@lru_cache(maxsize=64)
def page(groups: tuple[int, ...], *, tells: bool, after: bool) -> Select[Any]:
    """`(id, score, kind, summary, text)` of the best, in no order; `groups` as those of lists,
    rounded. By `tells`, texts have to say what is `:told` as well.
    """
    ranked = _ranked(INDEX, groups, tells, _score(INDEX), *_SHOWN).subquery()
    return _with_texts(_best(ranked, after=after))


@lru_cache(maxsize=32)
def newest(groups: tuple[int, ...], *, after: bool) -> Select[Any]:
    """The same of the newest texts alone, on SQLite: nothing, where they have too few hits.

    Behind a cursor, whatever they have: the page before had enough.
    """
    ranked = _ranked(NEWEST, groups, False, _score(NEWEST), *_SHOWN).cte("ranked")
    best = _best(ranked, after=after)
    if not after:
        enough = select(func.count()).select_from(ranked).scalar_subquery() == MOST_RANKED
        best = best.where(enough)
    return _with_texts(best)


_SHOWN = (Publication.kind, Publication.summary)


def _score(index: Any) -> Any:
    return relevance(index, QUERY)


def _with_texts(best: Select[Any]) -> Select[Any]:
    """Texts are read of what is shown alone."""
    rows = best.subquery()
    return select(*rows.c, text_of_hit(rows.c.id)).execution_options(**ANEW)


def _best(hits: FromClause, *, after: bool) -> Select[Any]:
    query = select(hits)
    if after:
        score, last = (
            bindparam("after_score", type_=Double()),
            bindparam("after_id", type_=Integer()),
        )
        tied = and_(hits.c.score == score, hits.c.id < last)
        query = query.where(or_(hits.c.score < score, tied))
    return query.order_by(hits.c.score.desc(), hits.c.id.desc()).limit(LIMIT)


@lru_cache(maxsize=64)
def counting(groups: tuple[int, ...], *, tells: bool) -> Select[Any]:
    hits = _ranked(INDEX, groups, tells, literal(0)).subquery()
    return select(func.count()).select_from(hits).execution_options(**ANEW)


@lru_cache(maxsize=4)
def probing(most: int) -> Select[Any]:
    """How many of the newest texts have the words, public or not, as far as `most`."""
    found = select(NEWEST.c.rowid).where(matches(NEWEST, QUERY)).limit(most).subquery()
    return select(func.count()).select_from(found)


_EACH = func.json_each(bindparam("queries", type_=Text())).table_valued("key", "value")
_HAVING = select(func.count()).select_from(NEWEST).where(matches(NEWEST, _EACH.c.value))
# How many of the newest texts have each of `:queries`, a JSON list of expressions.
COUNTS = select(_HAVING.correlate(_EACH).scalar_subquery()).select_from(_EACH).order_by(_EACH.c.key)


def _ranked(
    index: Any, groups: tuple[int, ...], tells: bool, score: Any, *shown: Any
) -> Select[Any]:
    query = (
        select(Publication.id, cast(score, Double()).label("score"), *shown)
        .select_from(index)
        # From the index to the rows: the other way, FTS5 can not match.
        .join(Publication, Publication.id == unindexed(index.c.rowid))
        .where(matches(index, QUERY), is_public())
        .where(*(has_any(number, size) for number, size in enumerate(groups)))
        .order_by(index.c.rowid.desc())
        .limit(MOST_RANKED)
    )
    return query.where(says_all(Publication.id, TOLD)) if tells else query
