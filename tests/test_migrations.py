"""What the migrations make of rows that were there before them, on both databases."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from cms.extensions import db
from cms.services import search_terms
from cms.services.migrating import SCRIPTS, upgrade
from cms.services.search import INDEX
from cms.services.search_terms import Part
from cms.services.sql_search import matches

AT = "2026-01-02T03:04:05.678Z"
ENTRY = {"id": "e", "kind": "post", "locale": "en", "slug": "heat", "title": "Heat", "version": 7}
ENTRY |= {"title_key": "heat", "body_format": "markdown", "body_source": "", "body_html": ""}
ENTRY |= {"revision": 3, "word_count": 0, "pipeline_version": 0, "toc": []}
ENTRY |= {"created_at": AT, "updated_at": AT}
PUBLISHED = {"revision": 1, "locale": "pt-BR", "slug": "heat", "title_key": "heat", "past": False}
PUBLISHED |= {"published_at": AT, "visible_from": AT, "visible_until": "9999-12-31T23:59:59.999Z"}
PUBLISHED |= {"pipeline_version": 0, "names": "", "summary": "", "details": "", "body": ""}
PUBLISHED |= {"body_markdown": "", "position": 0}
FIELDS = {"title": "Heat", "body_format": "markdown", "body_source": "Warm.", "tag_ids": []}
# One after the other, as the first schema kept them.
SAVED = [FIELDS, FIELDS | {"body_source": "Hot.", "tag_ids": ["t"]}, FIELDS | {"title": "Warmth"}]


@pytest.fixture
def old(app: Flask, tmp_path) -> Iterator[Engine]:
    """An empty database as the first migration makes it."""
    with app.app_context():
        here = db.engine
        is_sqlite = here.dialect.name == "sqlite"
        server = here.execution_options(isolation_level="AUTOCOMMIT")
        name = str(tmp_path / "old.db") if is_sqlite else "old"
        if not is_sqlite:
            run(server, "DROP DATABASE IF EXISTS old", "CREATE DATABASE old")
        engine = create_engine(here.url.set(database=name))
        upgrade_to(engine, "0001")
        yield engine
        engine.dispose()


def run(engine: Engine, *statements: str) -> None:
    with engine.connect() as connection:
        for one in statements:
            connection.execute(text(one))


def upgrade_to(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        config = AlembicConfig()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def table(engine: Engine, name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=engine)


def insert(engine: Engine, name: str, rows: list[dict]) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(table(engine, name)), rows)


def read(engine: Engine, name: str) -> list[dict]:
    found = table(engine, name)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(found).order_by(*found.primary_key))
        return [dict(row._mapping) for row in rows]


@pytest.fixture
def upgraded(old: Engine) -> Engine:
    insert(old, "entries", [ENTRY])
    rows = [
        {"entry_id": "e", "number": number, "created_at": AT, "created_by": None, "fields": fields}
        for number, fields in enumerate(SAVED, start=1)
    ]
    insert(old, "revisions", rows)
    upgrade(old)
    return old


@pytest.mark.thorough
def test_earlier_revisions_stay_and_say_what_they_changed(upgraded):
    found = read(upgraded, "revisions")

    assert [one["fields"] for one in found] == SAVED
    changed = [["body", "tag_ids", "title"], ["body", "tag_ids"], ["body", "tag_ids", "title"]]
    assert [one["changed"] for one in found] == changed
    assert [(one["kept"], one["note"]) for one in found] == [(True, None)] * 3
    assert all(one["updated_at"] == one["created_at"] for one in found)


@pytest.mark.thorough
def test_of_earlier_saves_it_is_not_known_which_version_they_made(upgraded):
    (entry,) = read(upgraded, "entries")

    versions = {(one["first_version"], one["last_version"]) for one in read(upgraded, "revisions")}

    unknown = {"version": 7, "at": None, "by": None}
    assert versions == {(1, 2**31 - 1)}
    assert entry["changed_in"] == {"title": unknown, "body": unknown, "tag_ids": unknown}


@pytest.mark.thorough
def test_the_program_that_still_runs_can_save(upgraded):
    row = {"entry_id": "e", "number": 4, "created_at": AT, "created_by": None, "fields": FIELDS}

    insert(upgraded, "revisions", [row])

    found = read(upgraded, "revisions")[-1]
    assert (found["kept"], found["updated_at"], found["last_version"]) == (True, None, 2**31 - 1)


COMMENT = {"post_id": "e", "name": "Ann", "email": "a@example.org", "source": "", "html": ""}
COMMENT |= {"text": "", "is_staff": False, "verdicts": [], "version": 1, "reply_count": 0}
COMMENT |= {"created_at": AT, "updated_at": AT, "shown": False}


@pytest.mark.thorough
def test_replies_that_went_with_what_they_answer_are_shown_below_its_place(old):
    insert(old, "entries", [ENTRY])
    post = {"id": "e", "excerpt": "", "seo": {}, "comments_open": True}
    insert(old, "posts", [post])
    insert(old, "threads", [{"post_id": "e", "is_open": True, "approved": 0}])
    for at, (parent, status) in enumerate([(None, "rejected"), (0, "approved"), (1, "pending")]):
        place = {"parent_id": None if parent is None else str(parent), "depth": at}
        row = COMMENT | place | {"id": str(at), "fingerprint": str(at), "status": status}
        insert(old, "comments", [row])

    upgrade(old)

    found = [(one["shown"], one["reply_count"]) for one in read(old, "comments")]
    assert found == [(True, 1), (True, 0), (False, 0)]
    assert read(old, "threads")[0]["approved"] == 1


ROW = {"entry_id": "e", "kind": "post", "revision": 1, "locale": "en", "slug": "heat"}
ROW |= {"title_key": "heat", "position": 0, "published_at": AT, "pipeline_version": 0}
ROW |= {"summary": "{}", "details": "{}", "body": "{}", "body_markdown": ""}


@pytest.mark.thorough
def test_threads_learn_since_when_they_age_and_rules_whether_they_are_open(old):
    insert(old, "entries", [ENTRY])
    insert(old, "posts", [{"id": "e", "excerpt": "", "seo": {}, "comments_open": True}])
    insert(old, "threads", [{"post_id": "e", "is_open": True, "approved": 0}])
    for number, (start, end) in enumerate(["12", "56"]):
        times = {"visible_from": f"200{start}{AT[4:]}", "visible_until": f"200{end}{AT[4:]}"}
        insert(old, "publications", [ROW | times | {"past": number == 0}])
    upgrade_to(old, "0021")
    rules = {"closed": True, "close_after_days": 30, "most_links": 1}
    times = {"created_at": AT, "updated_at": AT}
    insert(old, "comment_rules", [{"id": "site", "version": 1, "rules": rules} | times])

    upgrade(old)

    (thread,), (kept,) = read(old, "threads"), read(old, "comment_rules")
    assert str(thread["first_shown"]).startswith("2001-01-02")
    assert (kept["closed"], kept["close_after_days"], kept["rules"]) == (True, 30, rules)


LINKS = [("tag", 1, "b"), ("tag", 0, "a"), ("related", 0, "c"), ("faq", 0, "d"), ("hero", 0, "e")]


@pytest.mark.thorough
def test_publications_say_what_they_show_by_name(old):
    insert(old, "entries", [ENTRY])
    times = {"visible_from": AT, "visible_until": f"2100{AT[4:]}", "past": False}
    later = {"visible_from": f"2101{AT[4:]}", "visible_until": f"2102{AT[4:]}", "past": False}
    whole = {"details": '{"seo":{"noindex":true},"sources":[1]}'}
    insert(old, "publications", [ROW | times, ROW | later | whole])
    first, _ = (row["id"] for row in read(old, "publications"))
    names = ("kind", "position", "target_id")
    links = [dict(zip(names, link, strict=True)) | {"publication_id": first} for link in LINKS]
    insert(old, "publication_links", links)

    upgrade(old)

    named, unnamed = read(old, "publications")
    assert (named["names"], unnamed["names"]) == ("faq:d,hero:e,tag:a,tag:b", "")
    assert json.loads(named["details"]) == {"sources": [], "seo": None}
    assert unnamed["details"].replace(" ", "") == '{"sources":[1],"seo":{"noindex":true}}'


@pytest.mark.thorough
def test_similar_posts_whose_texts_nobody_noted_are_looked_for_anew(old):
    seen = {"live_from": AT, "live_until": AT, "live_revision": 1}
    for one, more in {"e": seen, "f": seen, "g": {"live_from": None}}.items():
        insert(old, "entries", [ENTRY | {"id": one, "slug": one} | more])
        insert(old, "posts", [{"id": one, "excerpt": "", "seo": {}, "comments_open": True}])
    upgrade_to(old, "0027")
    near = {
        "post_id": "e",
        "position": 0,
        "similar_id": "f",
        "score": 0.5,
        "reasons": ["term:heat"],
    }
    insert(old, "similar_posts", [near])
    insert(old, "similar_due", [{"post_id": "f", "spreads": True}])

    upgrade(old)

    (found,) = read(old, "similar_posts")
    assert found == near | {"publication_id": None, "similar_publication_id": None}
    due = {one["post_id"]: bool(one["spreads"]) for one in read(old, "similar_due")}
    assert due == {"e": False, "f": True}


@pytest.mark.thorough
def test_texts_that_were_there_are_filed_by_their_terms(old):
    upgrade_to(old, "0029")
    insert(old, "entries", [ENTRY, ENTRY | {"id": "f", "kind": "faq"}])
    rows = [{"id": 1, "kind": "post", "entry_id": "e"}, {"id": 2, "kind": "faq", "entry_id": "f"}]
    insert(old, "publications", [PUBLISHED | one for one in rows])
    row = {"publication_id": 1, "kind": "post", "entry_id": "e", "locale": "pt-BR", "position": 0}
    row |= {"published_at": AT, "visible_from": AT, "title_key": "heat"}
    terms = ("tag:a", "category:c", "author:d", "media:m")
    insert(old, "publication_terms", [row | {"term": one} for one in terms])
    column = "title" if old.dialect.name == "sqlite" else "words"
    said = [{"rowid": 1, column: "ptbr·heat"}, {"rowid": 2, column: "ptbr¿heat"}]
    index = sa.table("search_index", *map(sa.column, (*said[0], "text")))
    with old.begin() as connection:
        connection.execute(sa.insert(index), [one | {"text": "Warm."} for one in said])

    upgrade(old)

    heat = [Part(("heat",))]
    for term in ("", "tag:a", "category:c", "author:d"):
        assert found(old, heat, "ptbr·", term) == [(1, "Warm.")]
    assert found(old, heat, "ptbr·", "media:m") == []
    assert found(old, [], "ptbr¿", "") == [(2, "Warm.")]
    if old.dialect.name == "postgresql":
        assert {row["word"] for row in read(old, "search_words")} == {"ptbr·heat", "ptbr¿heat"}


def found(engine, parts, mark, term):
    is_sqlite = engine.dialect.name == "sqlite"
    spell = search_terms.for_sqlite if is_sqlite else search_terms.for_postgresql
    asked = matches(INDEX, sa.literal(spell(parts, [mark], [[term]])))
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(INDEX).where(asked))]
