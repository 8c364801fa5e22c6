"""Very many posts: a few are published through the services, and their rows copied.

A copy has ids, names, words and times of its own in the same places, and so exactly the rows that
publishing would have made. Only what waits for the worker, or is soon forgotten, is left out: the
outbox, the log of changes, and whose neighbours are due.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Table, delete, func, insert, literal, select

from cms import checkpoints
from cms.extensions import db
from cms.models import Base, Publication, PublicationCount, SimilarPost
from cms.models.base import new_id
from cms.models.publication import EVERY_ROW
from cms.services import search
from cms.services.folding import fold
from cms.times import format_time

TABLES = Base.metadata.tables
# What hangs on an entry, in the order in which rows may be written, and the column that names it.
OWNED = {"entries": "id", "posts": "id", "slugs": "entry_id", "revisions": "entry_id"}
OWNED |= {"entry_tags": "entry_id", "post_authors": "post_id", "post_faqs": "post_id"}
OWNED |= {"threads": "post_id", "audit_log": "object_id", "publications": "entry_id"}
NAMED = ("publication_links", "publication_terms")
BATCH = 500
NEIGHBOURS = 24

Making = Callable[[dict[Any, Any]], Any]


@dataclass(frozen=True)
class Words:
    """What a copy says that no other says, and since when. As many parts of a body as it copies."""

    slug: str
    title: str
    parts: Sequence[str]
    moment: datetime


class Pattern:
    """The rows of a published post, ready to be written again with other words."""

    def __init__(self, post_id: str, parts: Sequence[str]) -> None:
        self.parts = parts
        self.rows = rows(post_id)
        (self.entry,) = self.rows["entries"]
        (self.publication,) = self.rows["publications"]
        known = [
            self.entry["id"],
            self.entry["translation_group"],
            self.publication["translation_group"],
            self.entry["slug"],
            self.entry["title"],
            self.entry["title_key"],
            *parts,
            *map(format_time, self._times()),
        ]
        longest_first = sorted({one for one in known if one}, key=len, reverse=True)
        self.known = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
        self.making = {name: [self._row(name, row) for row in self.rows[name]] for name in EVERY}

    def _times(self) -> set[datetime]:
        names = ("created_at", "updated_at", "live_from", "published_at")
        return {self.entry[name] for name in names}

    def _row(self, name: str, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Making]]:
        """What is the same in every copy, and how the rest is made."""
        varying = {
            column.name: making
            for column in TABLES[name].c
            if (making := self._varying(column, row[column.name]))
        }
        return {key: one for key, one in row.items() if key not in varying}, varying

    def _varying(self, column: Column[Any], value: Any) -> Making | None:
        if column.table.name == "audit_log" and column.name == "id":
            return lambda _: new_id()
        if column.name == "publication_id" or value is self.publication["id"]:
            return lambda new: new["publication"]
        if isinstance(value, datetime):
            return (lambda new: new["moment"]) if value in self._times() else None
        if isinstance(value, str):
            return self._text(value)
        text = self._text(orjson.dumps(value).decode()) if isinstance(value, dict | list) else None
        return text and (lambda new: orjson.loads(text(new)))

    def _text(self, value: str) -> Making | None:
        pieces = self.known.split(value)
        return (lambda new: "".join([new.get(p, p) for p in pieces])) if pieces[1:] else None

    def copy(self, words: Words, number: int) -> tuple[str, dict[str, list[dict[str, Any]]]]:
        """The id and the rows of a copy whose publication has this number."""
        entry, said = new_id(), format_time(words.moment)
        new = {format_time(one): said for one in self._times()}
        for row in (self.entry, self.publication):
            new[row["translation_group"]] = new_id()
        new |= dict(zip(self.parts, words.parts, strict=True))
        new |= {self.entry["title_key"]: fold(words.title), self.entry["title"]: words.title}
        new |= {self.entry["slug"]: words.slug, self.entry["id"]: entry}
        new |= {"publication": number, "moment": words.moment}
        made = {
            name: [same | {key: make(new) for key, make in other.items()} for same, other in rows]
            for name, rows in self.making.items()
        }
        return entry, made


EVERY = (*OWNED, *NAMED)


def rows(post_id: str) -> dict[str, list[dict[str, Any]]]:
    """What publishing a post has written, by table."""
    found = {name: _found(TABLES[name], column, post_id) for name, column in OWNED.items()}
    (publication,) = found["publications"]
    for name in NAMED:
        found[name] = _found(TABLES[name], "publication_id", publication["id"])
    return found


def _found(table: Table, column: str, value: Any) -> list[dict[str, Any]]:
    rows = db.session.execute(select(table).where(table.c[column] == value))
    return [dict(row) for row in rows.mappings()]


def write(patterns: Sequence[Pattern], wanted: Iterable[Words], ids: list[str]) -> None:
    """A copy of a pattern, in turn, for each of `wanted`; their ids are added to `ids`."""
    left = iter(wanted)
    number = db.session.scalar(select(func.max(Publication.id))) or 0
    numbers = {one.entry["id"]: one.publication["id"] for one in patterns}
    while batch := list(islice(left, BATCH)):
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in EVERY}
        similar: list[dict[str, Any]] = []
        for words in batch:
            number += 1
            entry, made = patterns[number % len(patterns)].copy(words, number)
            for name, more in made.items():
                rows[name] += more
            numbers[entry] = number
            similar += _neighbours(entry, ids[-NEIGHBOURS:], numbers)
            ids.append(entry)
        _write(rows, similar)
    _number(number)
    _count()


def _neighbours(entry: str, others: Sequence[str], numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "post_id": entry,
            "position": at,
            "similar_id": other,
            "score": round(0.9 - at / 100, 4),
            "reasons": ["term:massage"],
            "publication_id": numbers[entry],
            "similar_publication_id": numbers[other],
        }
        for at, other in enumerate(reversed(others))
    ]


def _write(rows: dict[str, list[dict[str, Any]]], similar: Sequence[dict[str, Any]]) -> None:
    connection = patient()
    for name, some in rows.items():
        if some:
            connection.execute(insert(TABLES[name]), some)
    if similar:
        connection.execute(insert(SimilarPost), similar)
    search.enter_all([Publication(**row) for row in rows["publications"]])
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        # In a log of gigabytes every page takes long to find.
        checkpoints.keep_short(str(db.engine.url.database))


def patient() -> Connection:
    """PostgreSQL ends long statements, and looks up each key of a row that is copied whole."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    return connection


def _number(last: int) -> None:
    """Let the next publication have the next number; SQLite sees to it by itself."""
    if db.engine.dialect.name == "postgresql" and last:
        sequence = func.pg_get_serial_sequence("publications", "id")
        db.session.execute(select(func.setval(sequence, last)))


def _count() -> None:
    """Count what each term has, once for all copies."""
    patient()
    row, count = TABLES["publication_terms"], PublicationCount
    every = TABLES["publications"]
    terms = select(row.c.kind, row.c.locale, row.c.term, func.count())
    entries = select(every.c.kind, every.c.locale, literal(EVERY_ROW), func.count())
    db.session.execute(delete(count))
    for found in (
        terms.group_by(row.c.kind, row.c.locale, row.c.term),
        entries.where(~every.c.past).group_by(every.c.kind, every.c.locale),
    ):
        names = ["kind", "locale", "term", "total"]
        db.session.execute(insert(count).from_select(names, found))
    db.session.commit()
