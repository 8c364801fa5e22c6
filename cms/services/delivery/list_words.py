"""How a list is narrowed to words: by the full-text index, and by the texts of its rows."""

from typing import Any

from sqlalchemy import Integer, bindparam, func, literal_column, select

from cms.models import Publication
from cms.services.published import HIDDEN
from cms.services.search import INDEX
from cms.services.sql_search import matches, says_all

# Without a type: PostgreSQL would take a text for each row apart anew.
QUERY, TOLD = bindparam("query"), bindparam("told")
_HITS = select(INDEX.c.rowid).where(matches(INDEX, QUERY))
_ASKED = Publication.id.in_(_HITS)
# PostgreSQL would look into the index for row after row of the list.
_FEW = Publication.id.in_(_HITS.offset(literal_column("0")))
_TOLD = says_all(Publication.id, TOLD)
WORDS: dict[str, list[Any]] = {
    "asked": [_ASKED],
    "few": [_FEW],
    # Many rows of the list have the words: each is asked, until the page is full.
    "told": [_TOLD],
    "asked and told": [_ASKED, _TOLD],
    "few and told": [_FEW, _TOLD],
}
ASKED = WORDS.keys() - {"told"}
# PostgreSQL would read the whole table for some of what it takes for many.
_ALL = _HITS.offset(literal_column("0")).subquery()
_SOME = select(_ALL.c.rowid).limit(bindparam("most", type_=Integer())).subquery()
# How many public rows are found by the index alone, which knows kind and locale; and how many rows,
# public or not, as far as `:most`.
HITS = (
    select(func.count())
    .select_from(INDEX)
    .where(matches(INDEX, QUERY), INDEX.c.rowid.not_in(HIDDEN))
    .execution_options(planned_anew=True)
)
SOME = select(func.count()).select_from(_SOME).execution_options(planned_anew=True)
