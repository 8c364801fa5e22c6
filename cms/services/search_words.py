"""All words that the full-text index has had, on PostgreSQL: what begins a word is asked for by the
few words that begin so.

PostgreSQL gathers every text that has one with a beginning; of whole words, it looks at those texts
alone that have what else is asked for. FTS5 knows its words by itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from cms import writing
from cms.extensions import db

# Nobody waits for another's new words: one that two wrote at once stands there twice.
_ENTER = text(
    "INSERT INTO search_words (word)"
    " SELECT said.word FROM unnest(tsvector_to_array(CAST(:words AS tsvector))) AS said (word)"
    " WHERE said.word NOT LIKE '§%'"
    " AND NOT EXISTS (SELECT 1 FROM search_words AS known WHERE known.word = said.word)"
)


def enter(rows: Iterable[Mapping[str, Any]]) -> None:
    """The words of rows, as the full-text index gets those. They stay when rows go."""
    if db.engine.dialect.name == "postgresql":
        writing.run(_ENTER, *({"words": row["words"]} for row in rows))
