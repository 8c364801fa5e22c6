"""The full-text index: live and waiting publications, changed in their own transactions.

`search_index` is an FTS5 table on SQLite, and a table with a `tsvector` on PostgreSQL; both number
their rows by publication. The newest stand in `search_newest` as well. The index knows nothing of
time: who reads asks what is public.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Integer, Text, column, delete, literal, select, table, text

from cms import content, writing
from cms.extensions import db
from cms.models import Kind, Publication, PublicationCount, PublicationTerm
from cms.models.publication import EVERY_ROW
from cms.services import generation, search_newest, search_terms, search_words
from cms.services.published import not_past
from cms.services.sql_search import matches

INDEX = table("search_index", column("rowid", Integer), column("text", Text))
# How many rows one transaction takes.
BATCH = 200

_INSERT = {
    "sqlite": text(
        "INSERT INTO search_index (rowid, title, body, text, filed)"
        " VALUES (:id, :title, :body, :text, :filed)"
    ),
    "postgresql": text(
        "INSERT INTO search_index (rowid, words, text)"
        " VALUES (:id, CAST(:words AS tsvector), :text)"
    ),
}


def enter(row: Publication, terms: Iterable[str], said: str | None = None) -> None:
    """Let a live or waiting row be found, by its words and its terms. `said` is its body as text,
    where that is at hand.
    """
    _insert(_values(row, terms, said))


def enter_all(rows: Sequence[Publication]) -> None:
    """With the terms that they have."""
    known = _terms([row.id for row in rows])
    _insert(*(_values(row, known.get(row.id, ())) for row in rows))


def _insert(*rows: dict[str, Any]) -> None:
    writing.run(_INSERT[db.engine.dialect.name], *rows)
    search_newest.enter(*rows)
    search_words.enter(rows)


def _values(
    row: Publication, terms: Iterable[str], text_of_body: str | None = None
) -> dict[str, Any]:
    name, shown = _texts(row, text_of_body)
    mark = search_terms.scope(row.kind, row.locale)
    title, body = search_terms.indexed(mark, name, shown)
    filed = search_terms.filed_words(mark, terms)
    if db.engine.dialect.name == "postgresql":
        said = {"words": search_terms.vector(mark, title, body, filed)}
    else:
        said = {"title": search_terms.joined(mark, title), "body": search_terms.joined(mark, body)}
        said["filed"] = " ".join(filed)
    return said | {"id": row.id, "text": search_terms.on_one_line(shown)}


def leave(row: Publication) -> None:
    search_newest.leave(row.id)
    db.session.execute(delete(INDEX).where(INDEX.c.rowid == row.id))


def _terms(ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    row = PublicationTerm
    for one, term in db.session.execute(
        select(row.publication_id, row.term).where(row.publication_id.in_(ids))
    ):
        found.setdefault(one, []).append(term)
    return found


def renew(row: Publication) -> None:
    """After the text of a row was rendered again, or its terms were exchanged."""
    leave(row)
    enter_all([row])


def missing_ids() -> list[int]:
    """Live and waiting rows that an older program published, which filed no text by its terms."""
    row = PublicationCount
    kinds = select(row.kind, row.locale).where(row.term == EVERY_ROW).order_by(row.kind, row.locale)
    scopes = [search_terms.scope(*one) for one in db.session.execute(kinds)]
    rows = select(Publication.id).where(not_past())
    if scopes:
        is_sqlite = db.engine.dialect.name == "sqlite"
        spell = search_terms.for_sqlite if is_sqlite else search_terms.for_postgresql
        filed = matches(INDEX, literal(spell([], scopes, [[EVERY_ROW]])))
        rows = rows.except_(select(INDEX.c.rowid).where(filed))
    return sorted(db.session.scalars(rows))


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
