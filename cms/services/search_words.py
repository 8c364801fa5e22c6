"""All words that the full-text index has had, on PostgreSQL: what begins a word is asked for by the
few words that begin so.

PostgreSQL gathers every text that has one with a beginning; of whole words, it looks at those texts
alone that have what else is asked for. FTS5 knows its words by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from cms import writing
from cms.database import transaction
from cms.extensions import db
from cms.services import locks
from cms.services.batches import BATCH

# Nobody waits for another's new words: one that two wrote at once stands there twice.
_ENTER = text(
    "INSERT INTO search_words (word)"
    " SELECT said.word FROM unnest(tsvector_to_array(CAST(:words AS tsvector))) AS said (word)"
    " WHERE said.word NOT LIKE '§%'"
    " AND NOT EXISTS (SELECT 1 FROM search_words AS known WHERE known.word = said.word)"
)


# All texts are read, which may take longer than a statement has.
_PATIENCE = text("SET LOCAL statement_timeout = 0")
_UNUSED = text(
    "SELECT word FROM search_words EXCEPT"
    " SELECT word FROM ts_stat('SELECT words FROM search_index')"
)
# What was published meanwhile may have one again.
_FORGET = text(
    "DELETE FROM search_words WHERE word IN (SELECT json_array_elements_text(CAST(:words AS json)))"
    " AND NOT EXISTS (SELECT 1 FROM search_index"
    " WHERE words @@ CAST(quote_literal(search_words.word) AS tsquery))"
)


def enter(rows: Iterable[Mapping[str, Any]]) -> None:
    """The words of rows, as the full-text index gets those."""
    if db.engine.dialect.name == "postgresql":
        writing.run(_ENTER, *({"words": row["words"]} for row in rows))


def forget(_now: datetime | None = None) -> int:
    """Remove the words that no text has, in transactions of its own: nobody waits while all texts
    are read; and while some words go, nobody publishes.
    """
    if db.engine.dialect.name != "postgresql":
        return 0
    with transaction():
        db.session.execute(_PATIENCE)
        unused = list(db.session.scalars(_UNUSED))
    for start in range(0, len(unused), BATCH):
        with transaction():
            locks.own_filing()
            words = orjson.dumps(unused[start : start + BATCH]).decode()
            db.session.execute(_FORGET, {"words": words})
    return 0
