"""The newest texts of a large site, which SQLite keeps in an index of their own."""

import pytest
from sqlalchemy import text

from cms.database import transaction
from cms.extensions import db
from cms.models import Publication
from cms.services import search, search_newest
from tests import building

pytestmark = pytest.mark.only_on("sqlite")

FIVE = ["Heat one", "Heat two", "Heat three", "Heat four", "Heat five"]


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr(search_newest, "SIZE", 4)
    monkeypatch.setattr(search_newest, "SPARE", 1)
    monkeypatch.setattr(search_newest, "BATCH", 3)


@pytest.fixture
def kept(app):
    def keep():
        with app.app_context(), transaction():
            return search_newest.keep()

    return keep


@pytest.fixture
def having(app):
    """The titles of the newest texts that have a word; without one, of all of them."""

    def titles(word=None):
        asked = f"WHERE search_newest MATCH '\"en·{word}\"'" if word else ""
        rows = f"SELECT rowid FROM search_newest {asked}"  # noqa: S608
        if not word:
            rows = "SELECT id FROM search_newest_docsize"
        named = f"SELECT summary ->> '$.title' FROM publications WHERE id IN ({rows}) ORDER BY id"  # noqa: S608
        with app.app_context():
            return list(db.session.scalars(text(named)))

    return titles


def weights(app):
    """How many texts there are, and how long they are, as FTS5 weighs words by."""
    with app.app_context():
        return db.session.scalar(text("SELECT block FROM search_newest_data WHERE id = 1"))


def published(editor, *titles):
    return [building.published_post(editor, title=title) for title in titles]


def filled(kept, editor):
    posts = published(editor, *FIVE)
    while kept():
        pass
    return posts


def test_a_small_site_has_none(editor, kept, having):
    published(editor, "Heat one", "Heat two", "Heat three")

    assert not kept()
    assert having() == []


def test_the_newest_come_in_by_parts(editor, kept, having):
    published(editor, *FIVE)

    assert kept()
    assert having() == ["Heat three", "Heat four", "Heat five"]
    assert kept()
    assert having() == having("heat") == FIVE
    assert not kept()


def test_the_oldest_go_out_by_parts(editor, kept, having):
    filled(kept, editor)
    published(editor, "Heat six")

    assert kept()
    assert having() == having("heat") == ["Heat four", "Heat five", "Heat six"]
    assert kept()
    assert len(having()) == 6
    assert having() == having("heat")


def test_what_is_published_comes_in_at_once(editor, kept, having):
    filled(kept, editor)
    published(editor, "Cold six")

    assert having("cold") == ["Cold six"]
    assert having("heat") == FIVE


def test_what_changes_is_found_by_its_new_words_alone(editor, kept, having):
    posts = filled(kept, editor)
    building.corrected(editor, posts[1]["id"], title="Cold two")

    assert having("two") == having("cold") == ["Cold two"]
    assert "Heat two" not in having("heat")


def test_what_is_withdrawn_goes_out_at_once(editor, kept, having):
    posts = filled(kept, editor)
    url = f"/api/v1/manage/posts/{posts[1]['id']}/publication"
    assert editor.delete(url, headers=building.ANY).status_code == 200

    assert "Heat two" not in having()
    assert having("two") == []
    assert having() == having("heat")


def test_a_text_that_is_older_than_all_of_them_stays_outside(app, editor, kept, having):
    posts = filled(kept, editor)
    published(editor, "Heat six")
    assert kept()
    before, figures = having("heat"), weights(app)
    with app.app_context(), transaction():
        rows = db.session.query(Publication).order_by(Publication.id)
        search.index([row.id for row in rows if row.entry_id == posts[0]["id"]])

    assert having() == having("heat") == before
    # What leaves was never in it: the words of the others are still there.
    url = f"/api/v1/manage/posts/{posts[0]['id']}/publication"
    assert editor.delete(url, headers=building.ANY).status_code == 200
    assert having() == having("heat") == before
    assert weights(app) == figures


def test_all_texts_can_be_entered_anew(app, editor, kept, having):
    filled(kept, editor)
    before = having()
    with app.app_context(), transaction():
        search.index(search.every_id())
    # From the first on, each is older than all that are left.
    assert having() == having("heat") == []
    while kept():
        pass

    assert having() == having("heat") == before


def test_what_a_site_loses_is_made_up_for(editor, kept, having):
    posts = filled(kept, editor)
    published(editor, "Heat six")
    assert kept()
    for post in posts[2:]:
        url = f"/api/v1/manage/posts/{post['id']}/publication"
        assert editor.delete(url, headers=building.ANY).status_code == 200

    assert having() == ["Heat six"]
    while kept():
        pass
    assert having() == having("heat") == ["Heat one", "Heat two", "Heat six"]
