"""The newest texts of a large site, which have an index of their own."""

from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from sqlalchemy import text

from cms.database import transaction
from cms.extensions import db
from cms.models import Publication
from cms.services import search, search_newest, search_terms
from cms.services.search_terms import Part
from cms.worker import Worker
from tests import building

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
def having(app, config):
    """The titles of the newest texts that have a word; without one, of all of them."""
    on_sqlite = not config.database_url
    if on_sqlite:
        every = "SELECT id FROM search_newest_docsize"
        some = "SELECT rowid FROM search_newest WHERE search_newest MATCH :asked"
    else:
        every = "SELECT rowid FROM search_newest"
        some = f"{every} WHERE words @@ CAST(:asked AS tsquery)"

    def titles(word=None):
        spell = search_terms.for_sqlite if on_sqlite else search_terms.for_postgresql
        rows, asked = (some, {"asked": spell([Part((word,))], ["en·"])}) if word else (every, {})
        named = text(f"SELECT summary FROM publications WHERE id IN ({rows}) ORDER BY id")  # noqa: S608
        with app.app_context():
            return [orjson.loads(one)["title"] for one in db.session.scalars(named, asked)]

    return titles


def weights(app):
    """How many texts there are, and how long they are, as FTS5 weighs words by."""
    if app.config["CMS"].database_url:
        return None
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
    # The first of them goes out, as it is older than all that are left: and so may each behind it.
    left = having()
    assert left == having("heat") == before[len(before) - len(left) :] != before
    while kept():
        pass

    assert having() == having("heat")
    assert len(having()) >= search_newest.SIZE


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


@pytest.mark.only_on("postgresql")
def test_what_is_being_published_is_waited_for(app, editor, kept, having):
    published(editor, *FIVE[:4])
    with app.app_context(), transaction():
        rows = list(db.session.query(Publication).order_by(Publication.id))
        # Nothing is newer than the first of none: it enters the large index alone.
        search.renew(rows[2])
        filling = ThreadPoolExecutor(1).submit(kept)
        with pytest.raises(TimeoutError):
            filling.result(timeout=0.5)

    filling.result(timeout=10)
    while kept():
        pass
    assert having() == having("heat") == FIVE[:4]


def test_the_worker_fills_it(app, editor, having):
    published(editor, *FIVE)

    Worker(app).run_once()

    assert having()
