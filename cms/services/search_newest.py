"""The newest texts of a large site in an index of their own, on SQLite: whatever stands in many
texts is looked for there, at a cost that does not grow with the site.

It has every row of the full-text index from its first one on: publications enter and leave both in
one transaction. The worker fills it once a site has so many texts, and keeps it short.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, column, table, text

from cms import writing
from cms.extensions import db

NEWEST = table("search_newest", column("rowid", Integer))
# How many texts are many; how many more may stay; how many one transaction adds or removes.
SIZE, SPARE, BATCH = 20_000, 2_000, 200

# While it is empty, nothing is newer than its first.
_ENTER = text(
    "INSERT INTO search_newest (rowid, title, body) SELECT :id, :title, :body"
    " WHERE :id > (SELECT min(id) FROM search_newest_docsize)"
)
# What is not in it must not be deleted from it: FTS5 would take away the words of others.
_LEAVE = text(
    "DELETE FROM search_newest WHERE rowid = :id"
    " AND EXISTS (SELECT 1 FROM search_newest_docsize WHERE id = :id)"
)
_COUNT = text("SELECT count(*) FROM search_newest_docsize")
_IS_LARGE = text(
    "SELECT count(*) = :size FROM (SELECT 1 FROM search_index_docsize LIMIT :size)",
)
_ADD = text(
    "INSERT INTO search_newest (rowid, title, body) SELECT id, title, body"
    " FROM search_newest_texts"
    " WHERE id < coalesce((SELECT min(id) FROM search_newest_docsize), 9223372036854775807)"
    " ORDER BY id DESC LIMIT :batch"
)
_REMOVE = text(
    "DELETE FROM search_newest WHERE rowid IN"
    " (SELECT id FROM search_newest_docsize ORDER BY id LIMIT :batch)"
)


def enter(*rows: Mapping[str, Any]) -> None:
    """Rows of `id`, `title` and `body`, as the full-text index gets them."""
    writing.run(_ENTER, *rows)


def leave(publication_id: int) -> None:
    """Before it leaves the full-text index, where its words are read."""
    writing.run(_LEAVE, {"id": publication_id})


def keep(_now: datetime | None = None) -> int:
    """Do a bounded part of filling or shortening it, inside a transaction: 1 where there may be
    more to do. PostgreSQL has none.
    """
    if db.engine.dialect.name != "sqlite":
        return 0
    size = db.session.scalar(_COUNT) or 0
    if size > SIZE + SPARE:
        return _changed(_REMOVE)
    if size < SIZE and (size or db.session.scalar(_IS_LARGE, {"size": SIZE})):
        return _changed(_ADD)
    return 0


def _changed(statement: Any) -> int:
    return int(db.session.execute(statement, {"batch": BATCH}).rowcount > 0)
