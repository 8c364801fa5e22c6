"""A site of very many posts: a few written through the API, and copied inside the database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    true,
)
from sqlalchemy.orm import aliased

from cms.database import transaction
from cms.extensions import db
from cms.models import Base, Publication
from cms.models.base import UtcDateTime, new_id
from cms.models.publication import EVERY_ROW
from cms.services.terms import OF_ROWS
from cms.times import MILLISECOND, utc_now
from tests import building

TABLES = Base.metadata.tables
# Made for the copying alone, so apart from the tables of a site.
COPIES = Table(
    "benchmark_copies",
    MetaData(),
    Column("source", String(36), index=True),
    Column("copy", String(36), primary_key=True),
    Column("number", String(16)),
    Column("moment", UtcDateTime()),
)
PASTS = Table(
    "benchmark_pasts",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("starts", UtcDateTime()),
    Column("ends", UtcDateTime()),
)
NAMES = {"slug", "title", "title_key"}
TIMES = {"updated_at", "published_at", "live_from", "visible_from"}
# What hangs on an entry, and the column that names it.
OWNED = {"entries": "id", "posts": "id", "slugs": "entry_id", "revisions": "entry_id"}
OWNED |= {"entry_tags": "entry_id", "post_authors": "post_id", "post_faqs": "post_id"}
OWNED |= {"publications": "entry_id", "entry_words": "entry_id"}
SOURCES = 20
TEXT = "## Part {}\n\n" + "Massage may ease spasticity for some hours, small trials say. " * 12
DAY = timedelta(days=1)
# Of a large archive few posts are anything but public, and those were not the last to change.
RARE = 20


def fill(app: Flask, count: int) -> building.Client:
    """On an empty database, outside any context: `count` public posts, a few of each other status.

    Answers an editor.
    """
    editor = building.signed_in(app, "editor")
    sources = [building.published_post(editor, **values) for values in _values(editor)]
    with app.app_context():
        COPIES.create(db.engine)
        _copy([one["id"] for one in sources], max(count // SOURCES - 1, 0))
        _copy(_rare(editor), RARE, ago=365 * DAY)
        _count()
    return editor


def add_history(app: Flask, texts: int) -> None:
    """Give each public post so many texts of the past."""
    first, row = utc_now() - 3650 * DAY, TABLES["publications"]
    pasts = [
        {"number": n, "starts": first + n * DAY, "ends": first + (n + 1) * DAY}
        for n in range(texts)
    ]
    changed = {"visible_from": PASTS.c.starts, "visible_until": PASTS.c.ends, "past": true()}
    with app.app_context(), transaction():
        connection = _patient()
        PASTS.create(connection)
        connection.execute(insert(PASTS), pasts)
        connection.execute(_inserted(row, changed, row.join(PASTS, row.c.kind == "post")))
        old, live = aliased(Publication), aliased(Publication)
        found = select(old.id, live.id).join(live, live.entry_id == old.entry_id)
        _copy_found(found.where(old.past), live, terms=False)


def _values(editor: building.Client) -> list[dict[str, Any]]:
    tags = [building.tag(editor)["id"] for _ in range(SOURCES)]
    authors = [building.author(editor)["id"] for _ in range(3)]
    category = building.category(editor)["id"]
    return [
        {
            "title": f"Archive of massage {n}",
            "body": building.markdown(TEXT.format(n)),
            "tag_ids": [tags[(n + k) % SOURCES] for k in range(4)],
            "author_ids": [authors[n % 3]],
            "category_id": category,
        }
        for n in range(SOURCES)
    ]


def _rare(editor: building.Client) -> list[str]:
    """A post of each other status."""
    at = (utc_now() + 30 * DAY).isoformat()
    draft, waiting = (building.post(editor, title=f"Rare {name}") for name in ("draft", "later"))
    building.publish(editor, waiting, publish_at=at)
    offline, trashed = (building.published_post(editor, title=f"Rare {n}") for n in "ab")
    for path in (f"{offline['id']}/publication", trashed["id"]):
        editor.delete(f"/api/v1/manage/posts/{path}", headers=building.ANY)
    return [one["id"] for one in (draft, waiting, offline, trashed)]


def _copy(sources: Sequence[str], times: int, ago: timedelta = DAY) -> None:
    newest = utc_now() - ago
    copies = [
        {
            "source": source,
            "copy": new_id(),
            "number": f"copy-{n}",
            "moment": newest - n * MILLISECOND,
        }
        for n in range(times)
        for source in sources
    ]
    with transaction():
        connection = _patient()
        connection.execute(COPIES.delete())
        if copies:
            connection.execute(insert(COPIES), copies)
        for name, owner in OWNED.items():
            table = TABLES[name]
            joined = table.join(COPIES, table.c[owner] == COPIES.c.source)
            connection.execute(_inserted(table, _changed(table, owner), joined))
        copied, original = aliased(Publication), aliased(Publication)
        found = select(copied.id, original.id).join(COPIES, copied.entry_id == COPIES.c.copy)
        _copy_found(found.join(original, original.entry_id == COPIES.c.source), original)


def _patient() -> Connection:
    """PostgreSQL ends long statements, and looks up each key of a row that is copied whole."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    return connection


def _changed(table: Table, owner: str) -> dict[str, ColumnElement[Any]]:
    """The columns of which a copy has other values."""
    known = {owner: COPIES.c.copy, "translation_group": COPIES.c.copy}
    known |= {one.name: one + "-" + COPIES.c.number for one in table.c if one.name in NAMES}
    known |= {one.name: _moved(one) for one in table.c if one.name in TIMES}
    if "summary" in table.c:
        own = func.replace(table.c.summary, COPIES.c.source, COPIES.c.copy)
        known["summary"] = func.replace(own, table.c.slug, table.c.slug + "-" + COPIES.c.number)
    return {name: value for name, value in known.items() if name in table.c}


def _moved(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A time of the past as the copy's own; what is to come stays."""
    return case((column <= literal(utc_now(), UtcDateTime()), COPIES.c.moment), else_=column)


def _inserted(table: Table, changed: dict[str, Any], source: FromClause) -> Insert:
    """A row for each of `source`, some columns changed; the database numbers them."""
    names = [one.name for one in table.c if one.autoincrement is not True and one.name != "id"]
    names += ["id"] if "id" in changed else []
    found = select(*(changed.get(name, table.c[name]) for name in names)).select_from(source)
    return insert(table).from_select(names, found)


def _copy_found(pairs: Select[Any], original: Any, *, terms: bool = True) -> None:
    """Let rows name, and be found by, what their originals do. `pairs`: the ids of both."""
    known = pairs.where(~original.past).subquery()
    new, old = known.c
    for name in ["publication_links", *(["publication_terms"] if terms else [])]:
        table = TABLES[name]
        changed = {"publication_id": new}
        if terms and name == "publication_terms":
            row = TABLES["publications"]
            changed |= {column: row.c[column] for column in OF_ROWS}
            source = table.join(known, table.c.publication_id == old).join(row, row.c.id == new)
        else:
            source = table.join(known, table.c.publication_id == old)
        db.session.execute(_inserted(table, changed, source))


def _count() -> None:
    """Count what each term has, once for all copies."""
    row, count = TABLES["publication_terms"], TABLES["publication_counts"]
    every = TABLES["publications"]
    terms = select(row.c.kind, row.c.locale, row.c.term, func.count())
    entries = select(every.c.kind, every.c.locale, literal(EVERY_ROW), func.count())
    with transaction():
        db.session.execute(delete(count))
        for found in (
            terms.group_by(row.c.kind, row.c.locale, row.c.term),
            entries.where(~every.c.past).group_by(every.c.kind, every.c.locale),
        ):
            names = ["kind", "locale", "term", "total"]
            db.session.execute(insert(count).from_select(names, found))
