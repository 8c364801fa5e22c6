"""Statements of searches. A word that is everywhere finds the newest hits, and ranks those alone.

Newest by publication: both databases can walk their rows in that order, and stop.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Double,
    Integer,
    Select,
    Subquery,
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
from cms.services.delivery.list_statements import LIMIT, QUERY, has_any
from cms.services.published import is_public
from cms.services.search import INDEX
from cms.services.sql import matches, relevance, text_of_hit, title_of_hit
from cms.services.sql_plans import unindexed

MOST_RANKED = 1000
# PostgreSQL has to know how frequent these very words are.
ANEW = {"planned_anew": True}


@lru_cache(maxsize=64)
def page(groups: tuple[int, ...], by_titles: bool, *, after: bool) -> Select[Any]:
    """`(id, score, kind, summary, text)` of the best, in no order; `groups` as those of lists,
    rounded.

    Words weigh, or on SQLite, by `by_titles`, only whether they stand in the title.
    """
    score = _is_titled() if by_titles else relevance(QUERY)
    ranked = _ranked(groups, score, Publication.kind, Publication.summary)
    # Texts are read of what is shown alone.
    best = _best(ranked, after=after).subquery()
    return select(*best.c, text_of_hit(best.c.id)).execution_options(**ANEW)


def _is_titled() -> Any:
    """Whether a title has one of `:titled`, a JSON list of words as the index has them."""
    word = func.json_each(bindparam("titled", type_=Text())).table_valued("value").c.value
    return select(word).where(func.instr(title_of_hit(Publication.id), word) > 0).exists()


def _best(hits: Subquery, *, after: bool) -> Select[Any]:
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
def counting(groups: tuple[int, ...]) -> Select[Any]:
    query = select(func.count()).select_from(_ranked(groups, literal(0)))
    return query.execution_options(**ANEW)


@lru_cache(maxsize=4)
def probing(most: int) -> Select[Any]:
    """How many rows have the words, public or not, as far as `most`."""
    found = select(INDEX.c.rowid).where(matches(QUERY)).limit(most).subquery()
    return select(func.count()).select_from(found)


def _ranked(groups: tuple[int, ...], score: Any, *shown: Any) -> Subquery:
    query = (
        select(Publication.id, cast(score, Double()).label("score"), *shown)
        .select_from(INDEX)
        # From the index to the rows: the other way, FTS5 can not match.
        .join(Publication, Publication.id == unindexed(INDEX.c.rowid))
        .where(matches(QUERY), is_public())
        .where(*(has_any(number, size) for number, size in enumerate(groups)))
    )
    return query.order_by(INDEX.c.rowid.desc()).limit(MOST_RANKED).subquery()
