"""How many public posts have a word, and which ones: what similar posts are found by.

The index knows what waits as well. It gives no word its weight, or a reason would tell of it: it
only says which words are far too common to tell anything, even if all that is hidden had them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Text, bindparam, func, select, text

from cms.models import Kind, Publication, PublicationCount
from cms.models.publication import EVERY_ROW
from cms.reading import Row, session_reader
from cms.services import search_terms
from cms.services.published import HIDDEN, LOCALE
from cms.services.search import INDEX
from cms.services.search_terms import Part
from cms.services.sql import texts_of
from cms.services.sql_search import matches
from cms.times import format_time

# A word that so many texts have tells little; nobody counts further.
COMMON = 1000
# PostgreSQL's statistics are of a sample: what they say is believed of words that, by them, so many
# times as many texts have.
SURELY = 4

_EACH = texts_of(bindparam("queries", type_=Text())).table_valued("value", name="given")


def _hits(query: Any) -> Any:
    rows = select(INDEX.c.rowid).where(matches(INDEX, query), INDEX.c.rowid.not_in(HIDDEN))
    return rows.limit(COMMON)


_HAVING = _hits(bindparam("query"))
_HITS = _hits(_EACH.c.value).correlate(_EACH).subquery()
_COUNTS = select(
    _EACH.c.value, select(func.count()).select_from(_HITS).correlate(_EACH).scalar_subquery()
).select_from(_EACH)
_OF_A_KIND = (Publication.kind == Kind.POST, Publication.locale == LOCALE)
_HIDDEN = select(func.count()).where(Publication.id.in_(HIDDEN), *_OF_A_KIND).scalar_subquery()
_POSTS = select(PublicationCount.total - _HIDDEN, _HIDDEN).where(
    PublicationCount.kind == Kind.POST,
    PublicationCount.locale == LOCALE,
    PublicationCount.term == EVERY_ROW,
)
# Of a sample of all texts, also of those that are hidden.
# https://www.postgresql.org/docs/current/view-pg-stats.html: behind the frequencies stand their
# least and their greatest, which have no word.
_FREQUENT = text(
    """
    SELECT word FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN pg_stats ON schemaname = nspname AND tablename = relname AND attname = 'words',
        unnest(CAST(CAST(most_common_elems AS text) AS text[]), most_common_elem_freqs)
            AS known (word, frequency)
    WHERE pg_class.oid = CAST('search_index' AS regclass) AND frequency * reltuples >= :many
        AND word = ANY (ARRAY(SELECT json_array_elements_text(CAST(:words AS json))))
    """
)


class Here(NamedTuple):
    """Where and when texts are looked for."""

    locale: str
    now: datetime

    def rows(self, statement: Any, **asked: Any) -> list[Row]:
        asked |= {"locale": self.locale, "now": format_time(self.now)}
        return session_reader().rows(statement, asked)


class Posts(NamedTuple):
    """How many posts of a locale are public, and how many wait or have just ended."""

    public: int = 0
    hidden: int = 0


def posts(here: Here) -> Posts:
    return Posts(*next(iter(here.rows(_POSTS)), ()))


def counts(words: Sequence[str], here: Here, posts: Posts) -> list[int]:
    """How many of these public posts have each word, as far as `COMMON`."""
    found = dict.fromkeys(_frequent(words, here, posts), COMMON)
    asked = {_asking(word, here): word for word in words if word not in found}
    queries = orjson.dumps([*asked]).decode()
    found |= {asked[query]: number for query, number in here.rows(_COUNTS, queries=queries)}
    return [found[word] for word in words]


def having(word: str, here: Here) -> list[int]:
    """The publications that have a word which is not common."""
    return [row for (row,) in here.rows(_HAVING, query=_asking(word, here))]


def _frequent(words: Sequence[str], here: Here, posts: Posts) -> list[str]:
    """Those that need no counting. PostgreSQL gathers every text that has a word, to count some;
    SQLite stops."""
    many = COMMON * SURELY
    # Whatever statistics say of a site that was large.
    if posts.public < many or session_reader().is_sqlite:
        return []
    mark = search_terms.scope(Kind.POST, here.locale)
    asked = orjson.dumps([mark + word for word in words]).decode()
    rows = here.rows(_FREQUENT, words=asked, many=many + posts.hidden)
    return [found.removeprefix(mark) for (found,) in rows]


def _asking(word: str, here: Here) -> str:
    is_sqlite = session_reader().is_sqlite
    spell = search_terms.for_sqlite if is_sqlite else search_terms.for_postgresql
    return spell([Part((word,))], [search_terms.scope(Kind.POST, here.locale)])
