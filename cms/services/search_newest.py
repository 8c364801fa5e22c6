"""The newest texts of a large site in an index of their own: whatever stands in many texts is
looked for there, at a cost that does not grow with the site.

It has every row of the full-text index from its first one on: publications enter and leave both in
one transaction. The worker fills it once a site has so many texts, and keeps it short.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, TextClause, column, table, text

from cms import writing
from cms.extensions import db

NEWEST = table("search_newest", column("rowid", Integer))
# How many texts are many; how many more may stay; how many one transaction adds or removes.
SIZE, SPARE, BATCH = 20_000, 2_000, 200


class Statements(NamedTuple):
    """As one database spells them. `entered` are the values that a row enters with."""

    entered: tuple[str, ...]
    enter: TextClause
    leave: TextClause
    alone: TextClause
    count: TextClause
    is_large: TextClause
    add: TextClause
    remove: TextClause


# FTS5 has no texts of its own here. It reads those of the large index for what it has to forget,
# and so must never be told to delete what it does not have: it would take away words of others.
ON_SQLITE = Statements(
    entered=("id", "title", "body", "filed"),
    # While it is empty, nothing is newer than its first.
    enter=text(
        "INSERT INTO search_newest (rowid, title, body, filed) SELECT :id, :title, :body, :filed"
        " WHERE :id > (SELECT min(id) FROM search_newest_docsize)"
    ),
    leave=text(
        "DELETE FROM search_newest WHERE rowid = :id"
        " AND EXISTS (SELECT 1 FROM search_newest_docsize WHERE id = :id)"
    ),
    # Nobody else writes.
    alone=text("SELECT 1"),
    count=text("SELECT count(*) FROM search_newest_docsize"),
    is_large=text("SELECT count(*) = :size FROM (SELECT 1 FROM search_index_docsize LIMIT :size)"),
    add=text(
        "INSERT INTO search_newest (rowid, title, body, filed)"
        " SELECT id, title, body, filed FROM search_newest_texts"
        " WHERE id < coalesce((SELECT min(id) FROM search_newest_docsize), 9223372036854775807)"
        " ORDER BY id DESC LIMIT :batch"
    ),
    remove=text(
        "DELETE FROM search_newest WHERE rowid IN"
        " (SELECT id FROM search_newest_docsize ORDER BY id LIMIT :batch)"
    ),
)
ON_POSTGRESQL = Statements(
    entered=("id", "words"),
    enter=text(
        "INSERT INTO search_newest (rowid, words) SELECT :id, CAST(:words AS tsvector)"
        " WHERE :id > (SELECT min(rowid) FROM search_newest)"
    ),
    leave=text("DELETE FROM search_newest WHERE rowid = :id"),
    # Behind whoever publishes, and before whoever comes: what is not committed can not be seen, and
    # would be left out.
    alone=text("LOCK TABLE search_newest IN SHARE ROW EXCLUSIVE MODE"),
    count=text("SELECT count(*) FROM search_newest"),
    is_large=text("SELECT count(*) = :size FROM (SELECT 1 FROM search_index LIMIT :size) AS found"),
    add=text(
        "INSERT INTO search_newest (rowid, words) SELECT rowid, words FROM search_index"
        " WHERE rowid < coalesce((SELECT min(rowid) FROM search_newest), 2147483647)"
        " ORDER BY rowid DESC LIMIT :batch"
    ),
    remove=text(
        "DELETE FROM search_newest WHERE rowid IN"
        " (SELECT rowid FROM search_newest ORDER BY rowid LIMIT :batch)"
    ),
)
ON = {"sqlite": ON_SQLITE, "postgresql": ON_POSTGRESQL}


def enter(*rows: Mapping[str, Any]) -> None:
    """Rows as the full-text index gets them."""
    here = _here()
    writing.run(here.enter, *({name: row[name] for name in here.entered} for row in rows))


def leave(publication_id: int) -> None:
    """Before it leaves the full-text index, where its words are read."""
    writing.run(_here().leave, {"id": publication_id})


def keep(_now: datetime | None = None) -> int:
    """Do a bounded part of filling or shortening it, inside a transaction: 1 where there may be
    more to do.
    """
    here = _here()
    size = db.session.scalar(here.count) or 0
    if size > SIZE + SPARE:
        return _alone(here, here.remove)
    if size < SIZE and (size or db.session.scalar(here.is_large, {"size": SIZE})):
        return _alone(here, here.add)
    return 0


def _alone(here: Statements, statement: TextClause) -> int:
    db.session.execute(here.alone)
    return int(db.session.execute(statement, {"batch": BATCH}).rowcount > 0)


def _here() -> Statements:
    return ON[db.engine.dialect.name]
