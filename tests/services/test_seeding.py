"""Seeds are loaded once, as they were written. All tests here read one site that has them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from cms import content
from cms.config import Config
from cms.extensions import db
from cms.importers.seed_records import STATUSES
from cms.models import Comment, Entry, Faq, Revision, Tag
from cms.services import checkup, seeding
from tests.emptying import emptied
from tests.services.seed_sets import API, DEMO, SITE, load, load_both


@pytest.fixture(scope="module")
def site(migrated: Flask) -> Flask:
    with emptied(migrated).app_context():
        load_both()
    return migrated


@pytest.fixture
def loaded(site: Flask) -> Iterator[Flask]:
    with site.app_context():
        yield site


def everything() -> dict[str, Any]:
    """Whatever a second load could have changed."""
    tables = [Entry.__table__, Revision.__table__, Comment.__table__, Tag.__table__]
    return {
        table.name: [
            tuple(row) for row in db.session.execute(table.select().order_by(*table.primary_key))
        ]
        for table in tables
    }


def test_the_article_is_public_as_it_was_written(loaded: Flask) -> None:
    article = loaded.test_client().get(f"{API}?body=markdown,html").json["data"]
    written = content.render("markdown", article["body"]["markdown"])
    source = content.render("markdown", SITE.posts[0].body)

    assert article["title"] == SITE.posts[0].title
    # The Markdown is written anew, and says every sentence in the same markup.
    assert (written.text, written.html) == (source.text, article["body"]["html"])
    assert article["published_at"] == "2026-01-12T09:00:00.000Z"
    assert [faq["slug"] for faq in article["faqs"]] == list(SITE.posts[0].faqs)


def test_its_picks_from_the_demo_are_public(loaded: Flask) -> None:
    related = loaded.test_client().get(f"{API}/related").json["data"]

    picked = [one["slug"] for one in related if one["relation"]["kind"] == "picked"]
    assert picked == [
        "first-medical-massage-appointment",
        "when-to-postpone-a-massage",
        "heat-sensitivity-and-the-treatment-room",
    ]


def test_faqs_are_public_since_the_first_post_that_shows_them(loaded: Flask) -> None:
    slug = "what-should-i-wear-to-a-medical-massage"

    faq = db.session.scalar(select(Faq).where(Faq.slug == slug))

    assert faq.published_at.isoformat() == "2026-01-19T09:00:00+00:00"


def test_a_draft_stays_one(loaded: Flask) -> None:
    assert loaded.test_client().get("/api/v1/posts/keeping-a-symptom-diary").status_code == 404


def test_comments_are_in_every_state_at_their_own_times(loaded: Flask) -> None:
    rows = db.session.execute(select(Comment.name, Comment.status, Comment.created_at)).all()

    wanted = {(one.author_name, one.status, one.created_at) for one in DEMO.comments}
    assert set(map(tuple, rows)) == wanted
    assert {status for _, status, _ in rows} == set(STATUSES)


def test_every_counter_is_right(loaded: Flask, config: Config) -> None:
    assert checkup.list_counters(config) == checkup.FINE
    assert checkup.comment_counters(config) == checkup.FINE


def test_a_second_time_changes_nothing(loaded: Flask) -> None:
    before = everything()

    assert load("site", SITE) == load("demo", DEMO) == Counter()
    assert everything() == before


def test_one_query_sees_that_all_is_there(loaded: Flask) -> None:
    statements: list[str] = []
    note = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)

    is_loaded = seeding.is_loaded("site", SITE)

    event.remove(db.engine, "before_cursor_execute", note)
    reads = [one for one in statements if one.startswith("SELECT")]
    assert (is_loaded, len(reads)) == (True, 1)
