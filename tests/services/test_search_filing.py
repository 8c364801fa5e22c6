"""Texts are filed in the full-text index by the terms that they have."""

import pytest
from sqlalchemy import func, literal, select, text

from cms.database import transaction
from cms.extensions import db
from cms.models import Publication, Refiling
from cms.services import (
    batches,
    locks,
    search,
    search_filing,
    search_newest,
    search_terms,
    search_words,
)
from cms.services.search import INDEX
from cms.services.search_terms import Part
from cms.services.sql_search import matches, relevance
from cms.worker import Worker
from tests import building
from tests.building import ANY

MARK = "en·"


@pytest.fixture
def terms(editor):
    """Two tags, and a category below another."""
    made = {name: building.tag(editor, name=name)["id"] for name in ("old", "new")}
    above = building.category(editor, name="above")["id"]
    made |= {"above": above}
    return made | {"below": building.category(editor, name="below", parent_id=above)["id"]}


@pytest.fixture
def filed(app, config):
    """The titles of what the index files by a term."""
    spell = search_terms.for_postgresql if config.database_url else search_terms.for_sqlite

    def titles(term):
        asked = matches(INDEX, literal(spell([], [MARK], [[term]])))
        rows = select(INDEX.c.rowid).where(asked)
        with app.app_context():
            named = select(Publication.title_key).where(Publication.id.in_(rows))
            return sorted(db.session.scalars(named))

    return titles


def post(editor, title, terms, tag="old"):
    named = {"tag_ids": [terms[tag]], "category_id": terms["below"]}
    return building.published_post(editor, title=title, **named)


def merged(editor, terms, kind="tags"):
    address = f"/api/v1/manage/{kind}/{terms['old']}/merge"
    assert editor.post(address, json={"into": terms["new"]}, headers=ANY).status_code == 200


def moved(editor, category, above):
    address = f"/api/v1/manage/categories/{category}"
    answer = editor.patch(address, json={"parent_id": above}, headers=ANY)
    assert answer.status_code == 200


def go_on(app):
    with app.app_context(), transaction():
        return search_filing.go_on()


def finish(app):
    while go_on(app):
        pass


def due(app):
    with app.app_context():
        return [(one.term, one.changed) for one in db.session.scalars(select(Refiling))]


def test_a_text_is_filed_by_its_terms_and_by_those_above(editor, terms, filed):
    post(editor, "one", terms)

    for term in ("", *(f"category:{terms[name]}" for name in ("above", "below"))):
        assert filed(term) == ["one"]
    assert filed(f"tag:{terms['old']}") == ["one"]
    assert filed(f"tag:{terms['new']}") == []


@pytest.mark.only_on("sqlite")
def test_what_a_text_is_filed_by_weighs_nothing(app, editor, terms):
    for title in ("one", "two", "three", "four"):
        post(editor, title, terms, tag="new" if title == "one" else "old")
    scores = []
    with app.app_context():
        for groups in ([], [[f"tag:{terms['new']}"]]):
            query = literal(search_terms.for_sqlite([Part(("one",))], [MARK], groups))
            found = select(relevance(INDEX, query)).select_from(INDEX)
            scores += db.session.scalars(found.where(matches(INDEX, query)))

    assert scores[0] == scores[1] > 1000


def test_what_is_no_longer_public_is_filed_no_more(editor, terms, filed):
    one = post(editor, "one", terms)
    editor.delete(f"/api/v1/manage/posts/{one['id']}/publication", headers=ANY)

    assert filed("") == filed(f"tag:{terms['old']}") == []


def test_a_worker_files_what_was_merged(app, editor, terms, filed):
    post(editor, "one", terms)
    post(editor, "two", terms, tag="new")
    merged(editor, terms)

    old, new = (f"tag:{terms[name]}" for name in ("old", "new"))
    assert due(app) == [(new, f"{old},{new}")]
    assert filed(f"tag:{terms['new']}") == ["two"]

    Worker(app).run_once()

    assert due(app) == []
    assert filed(f"tag:{terms['new']}") == ["one", "two"]
    assert filed(f"tag:{terms['old']}") == []


def test_a_worker_files_by_parts(app, editor, terms, filed, monkeypatch):
    monkeypatch.setattr(search_filing, "BATCH", 2)
    for title in ("one", "three", "two"):
        post(editor, title, terms)
    merged(editor, terms)

    assert go_on(app)
    # The newest first.
    assert filed(f"tag:{terms['new']}") == ["three", "two"]
    assert go_on(app)
    assert filed(f"tag:{terms['new']}") == ["one", "three", "two"]
    assert due(app)
    assert go_on(app)
    assert go_on(app) == 0
    assert due(app) == []


def test_a_part_ends_after_a_while(app, editor, terms, filed, monkeypatch):
    monkeypatch.setattr(batches, "SECONDS", 0)
    post(editor, "one", terms)
    post(editor, "two", terms)
    merged(editor, terms)

    assert go_on(app)
    assert filed(f"tag:{terms['new']}") == ["two"]


def test_the_newest_texts_stay_in_their_index(app, editor, terms, monkeypatch):
    monkeypatch.setattr(search_newest, "SIZE", 3)
    for title in ("one", "two", "three", "four"):
        post(editor, title, terms)
    with app.app_context(), transaction():
        assert search_newest.keep()
        before = db.session.scalar(search_newest._here().count)
    merged(editor, terms)
    finish(app)
    with app.app_context():
        after = db.session.scalar(search_newest._here().count)
    assert (before, after) == (4, 3)


def test_a_moved_category_is_filed_by_what_is_above_it(app, editor, terms, filed):
    other = building.category(editor, name="other")["id"]
    post(editor, "one", terms)
    moved(editor, terms["below"], other)

    above, below, beside = (f"category:{one}" for one in (terms["above"], terms["below"], other))
    assert due(app) == [(below, f"{above},{beside}")]
    finish(app)
    assert filed(beside) == filed(below) == ["one"]
    assert filed(above) == []


def test_a_category_that_is_below_none_is_filed_by_itself_alone(app, editor, terms, filed):
    post(editor, "one", terms)
    moved(editor, terms["below"], None)

    finish(app)
    assert filed(f"category:{terms['below']}") == ["one"]
    assert filed(f"category:{terms['above']}") == []


def test_what_is_merged_before_it_was_filed_is_filed_all_the_same(app, editor, terms, filed):
    other = building.category(editor, name="other")["id"]
    post(editor, "one", terms)
    moved(editor, terms["below"], other)
    merged(editor, {"old": terms["below"], "new": other}, "categories")

    # Until the last one is done, no term of either is asked for.
    assert go_on(app)
    names = {f"category:{one}" for one in (terms["above"], terms["below"], other)}
    assert {name for _, changed in due(app) for name in changed.split(",")} == names
    finish(app)
    assert filed(f"category:{other}") == ["one"]
    assert filed(f"category:{terms['above']}") == []


def test_what_has_gone_from_a_term_that_is_unfinished_is_filed(app, editor, terms, filed):
    other = building.category(editor, name="other")["id"]
    post(editor, "one", terms)
    moved(editor, terms["above"], other)
    moved(editor, terms["below"], None)

    for _ in range(3):
        assert len(due(app)) == 2
        assert go_on(app)
    assert not go_on(app)
    assert due(app) == []
    assert filed(f"category:{terms['below']}") == ["one"]
    assert filed(f"category:{other}") == filed(f"category:{terms['above']}") == []


@pytest.mark.only_on("postgresql")
def test_words_that_no_text_has_go_when_all_is_rebuilt(app, editor, terms):
    gone = post(editor, "gone", terms)
    post(editor, "one", terms)
    editor.delete(f"/api/v1/manage/posts/{gone['id']}/publication", headers=ANY)
    words = text("SELECT word FROM search_words")
    with app.app_context():
        before = {*db.session.scalars(words)}
        db.session.rollback()
        search_words.forget()
        after = {*db.session.scalars(words)}

    assert "en·gone" in before - after
    assert "en·one" in after


# As it entered a text.
OLDER = {
    "sqlite": "INSERT INTO search_index (rowid, title) VALUES (:id, 'en·two')",
    "postgresql": "INSERT INTO search_index (rowid, words, text) VALUES (:id, 'en·two', '')",
}


def test_what_an_older_program_published_is_missing(app, editor, terms):
    post(editor, "one", terms)
    older = post(editor, "two", terms)
    with app.app_context(), transaction():
        row = db.session.scalar(select(Publication).where(Publication.entry_id == older["id"]))
        search.leave(row)
        db.session.execute(text(OLDER[db.engine.dialect.name]), {"id": row.id})
        assert search.missing_ids() == [row.id]

        search.index([row.id])

        assert search.missing_ids() == []


def test_a_term_that_nothing_has_leaves_nothing_to_file(app, editor, terms):
    post(editor, "one", terms, tag="new")
    merged(editor, terms)

    assert due(app) == []


def test_one_term_is_filed_once_however_many_become_it(app, editor, terms, filed):
    post(editor, "one", terms)
    more = building.tag(editor, name="more")["id"]
    building.published_post(editor, title="two", tag_ids=[more])
    merged(editor, terms)
    merged(editor, terms | {"old": more})

    ((term, changed),) = due(app)
    assert term == f"tag:{terms['new']}"
    assert {*changed.split(",")} == {f"tag:{one}" for one in (terms["old"], terms["new"], more)}
    finish(app)
    assert filed(term) == ["one", "two"]


@pytest.mark.only_on("postgresql")
def test_a_worker_does_not_wait_for_who_publishes(app, editor, terms):
    post(editor, "one", terms)
    merged(editor, terms)
    with app.app_context(), db.engine.connect() as publisher:
        publisher.execute(select(func.pg_advisory_xact_lock_shared(locks.FILING)))
        assert go_on(app) == 0
        assert due(app)
        publisher.rollback()
    assert go_on(app)
