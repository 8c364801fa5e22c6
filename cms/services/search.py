"""The full-text index: live and waiting publications, changed in their own transactions.

`search_index` is an FTS5 table on SQLite, and a table with a `tsvector` on PostgreSQL; both number
their rows by publication. The newest stand in `search_newest` as well. The index knows nothing of
time: who reads asks what is public.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Integer, Text, column, delete, select, table, text

from cms import content, writing
from cms.extensions import db
from cms.models import Kind, Publication
from cms.services import generation, search_newest, search_terms
from cms.services.published import not_past

INDEX = table("search_index", column("rowid", Integer), column("text", Text))
# How many rows one transaction takes.
BATCH = 200

_INSERT = {
    "sqlite": text(
        "INSERT INTO search_index (rowid, title, body, text) VALUES (:id, :title, :body, :text)"
    ),
    "postgresql": text(
        "INSERT INTO search_index (rowid, words, text)"
        " VALUES (:id, CAST(:words AS tsvector), :text)"
    ),
}


def enter(row: Publication, said: str | None = None) -> None:
    """Let a live or waiting row be found. `said` is its body as text, where that is at hand."""
    _insert(_values(row, said))


def enter_all(rows: Sequence[Publication]) -> None:
    _insert(*map(_values, rows))


def _insert(*rows: dict[str, Any]) -> None:
    writing.run(_INSERT[db.engine.dialect.name], *rows)
    search_newest.enter(*rows)


def _values(row: Publication, text_of_body: str | None = None) -> dict[str, Any]:
    name, shown = _texts(row, text_of_body)
    mark = search_terms.scope(row.kind, row.locale)
    title, body = search_terms.indexed(mark, name, shown)
    if db.engine.dialect.name == "postgresql":
        said = {"words": search_terms.vector(mark, title, body)}
    else:
        said = {"title": search_terms.joined(mark, title), "body": search_terms.joined(mark, body)}
    return said | {"id": row.id, "text": search_terms.on_one_line(shown)}


def leave(row: Publication) -> None:
    search_newest.leave(row.id)
    db.session.execute(delete(INDEX).where(INDEX.c.rowid == row.id))


def renew(row: Publication) -> None:
    """After the text of a row was rendered again."""
    leave(row)
    enter(row)


def missing_ids() -> list[int]:
    """Live and waiting rows that an older program published."""
    known = select(INDEX.c.rowid).where(INDEX.c.rowid == Publication.id).exists()
    rows = select(Publication.id).where(not_past(), ~known)
    return list(db.session.scalars(rows.order_by(Publication.id)))


def every_id() -> list[int]:
    # From the newest on: of the index of the newest, the first one alone falls out.
    rows = select(Publication.id).where(not_past())
    return list(db.session.scalars(rows.order_by(Publication.id.desc())))


def index(ids: list[int]) -> None:
    """Enter these rows anew, where they are not past by now."""
    rows = select(Publication).where(Publication.id.in_(ids), not_past()).with_for_update()
    for row in db.session.scalars(rows.order_by(Publication.id.desc())):
        renew(row)
        # Its text is what it was; what finds it may not be.
        generation.touch(f"list:{row.kind}")


def _texts(row: Publication, said: str | None) -> tuple[str, str]:
    """What a row is called, and what it says."""
    summary = orjson.loads(row.summary)
    if said is None:
        body = orjson.loads(row.body)
        said = body["text"] if row.kind is Kind.FAQ else content.to_text(body["html"])
    if row.kind is Kind.FAQ:
        return summary["question"], said
    return summary["title"], " ".join(filter(None, [summary["excerpt"], said]))
