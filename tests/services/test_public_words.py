"""How many public posts have a word: exactly, up to where it tells little."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from cms.database import transaction
from cms.extensions import db
from cms.services import public_words
from cms.services.public_words import Here, Posts, counts, having, posts
from cms.times import format_time, utc_now
from tests import building
from tests.building import ANY, markdown

WORDS = ["cramps", "heat", "nowhere"]


@pytest.fixture
def made(editor):
    made = [
        building.published_post(editor, title=title, body=markdown(said))
        for title, said in (("Cramps", "Heat."), ("Sleep", "Cramps, cramps."), ("Cold", "Heated."))
    ]
    # None of these is a public post of the locale.
    building.published_post(editor, title="Cramps", locale="es")
    building.published_faq(editor, question="Cramps?")
    tomorrow = format_time(utc_now() + timedelta(days=1))
    building.publish(editor, building.post(editor, title="Cramps to come"), publish_at=tomorrow)
    gone = building.published_post(editor, title="Cramps that went")
    url = f"/api/v1/manage/posts/{gone['id']}/publication"
    assert editor.delete(url, headers=ANY).status_code == 200
    return made


@pytest.fixture
def here(app, made):
    with app.app_context():
        yield Here("en", utc_now())


def test_public_posts_of_the_locale_are_counted(here):
    assert posts(here) == Posts(3, hidden=1)
    assert counts(WORDS, here, posts(here)) == [2, 1, 0]
    assert counts([], here, posts(here)) == []
    nowhere = here._replace(locale="es-MX")
    assert counts(WORDS, nowhere, posts(nowhere)) == [0, 0, 0]


def test_those_that_have_a_word_are_known(here, client):
    slugs = {one["slug"] for one in client.get("/api/v1/posts?q=cramps").json["data"]}

    assert len(having("cramps", here)) == len(slugs) == 2
    assert having("nowhere", here) == []


@pytest.mark.only_on("postgresql")
def test_what_is_common_by_statistics_is_not_counted(here, monkeypatch):
    with transaction():
        db.session.execute(text("ANALYZE search_index"))
    monkeypatch.setattr(public_words, "COMMON", 2)
    monkeypatch.setattr(public_words, "SURELY", 1)

    assert public_words._frequent(WORDS, here, Posts(3)) == ["cramps"]
    # Who has it may be hidden; and the site was larger when PostgreSQL looked.
    for few in (Posts(3, hidden=3), Posts(0)):
        assert public_words._frequent(WORDS, here, few) == []
    assert counts(WORDS, here, Posts(3)) == [2, 1, 0]
