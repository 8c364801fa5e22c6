"""Seeds are loaded once, and the demo goes away without a trace."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from cms import content
from cms.actor import OPERATOR
from cms.config import Config
from cms.database import transaction
from cms.extensions import db
from cms.importers import seeds
from cms.importers.seeds import SeedSet
from cms.models import Comment, Entry, Faq, Post, Revision, Tag
from cms.services import checkup, posts, seeding, taxonomy
from tests import building

ARTICLE = "medical-massage-multiple-sclerosis"
KEPT = {
    "first-medical-massage-appointment",
    "when-to-postpone-a-massage",
    "heat-sensitivity-and-the-treatment-room",
    "keeping-a-symptom-diary",
}
API = f"/api/v1/posts/{ARTICLE}"


SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def site() -> SeedSet:
    return seeds.read(SEEDS)


@pytest.fixture(scope="module")
def whole_demo(site: SeedSet) -> SeedSet:
    return seeds.read(SEEDS / "demo", known=site)


@pytest.fixture(scope="module")
def demo(whole_demo: SeedSet) -> SeedSet:
    """Four of its posts, with what belongs to them: quick to load."""
    posts = tuple(one for one in whole_demo.posts if one.slug in KEPT)
    comments = tuple(one for one in whole_demo.comments if one.post in KEPT | {ARTICLE})
    picks = {
        slug: tuple(one for one in many if one.slug in KEPT | {ARTICLE})
        for slug, many in whole_demo.picks.items()
        if slug in KEPT | {ARTICLE}
    }
    return replace(whole_demo, posts=posts, comments=comments, picks=picks)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def load(name: str, content: SeedSet) -> Counter[str]:
    with transaction():
        made = seeding.load_content(name, content)
    with transaction():
        return made + seeding.load_comments(name, content)


@pytest.fixture
def loaded(context: Flask, site: SeedSet, demo: SeedSet) -> Flask:
    load("site", site)
    load("demo", demo)
    return context


def remove_demo() -> Counter[str]:
    with transaction():
        return seeding.remove("demo")


def post_id(slug: str = ARTICLE) -> str:
    return db.session.scalar(select(Post.id).where(Post.slug == slug))


def everything() -> dict[str, Any]:
    """Whatever a second load could have changed."""
    tables = [Entry.__table__, Revision.__table__, Comment.__table__, Tag.__table__]
    return {
        table.name: [
            tuple(row) for row in db.session.execute(table.select().order_by(*table.primary_key))
        ]
        for table in tables
    }


class TestLoading:
    def test_the_article_is_public_as_it_was_written(self, loaded: Flask, site: SeedSet) -> None:
        article = loaded.test_client().get(f"{API}?body=markdown,html").json["data"]
        written = content.render("markdown", article["body"]["markdown"])
        source = content.render("markdown", site.posts[0].body)

        assert article["title"] == site.posts[0].title
        # The Markdown is written anew, and says every sentence in the same markup.
        assert (written.text, written.html) == (source.text, article["body"]["html"])
        assert article["published_at"] == "2026-01-12T09:00:00.000Z"
        assert [faq["slug"] for faq in article["faqs"]] == list(site.posts[0].faqs)

    def test_its_picks_from_the_demo_are_public(self, loaded: Flask) -> None:
        related = loaded.test_client().get(f"{API}/related").json["data"]

        picked = [one["slug"] for one in related if one["relation"]["kind"] == "picked"]
        assert picked == [
            "first-medical-massage-appointment",
            "when-to-postpone-a-massage",
            "heat-sensitivity-and-the-treatment-room",
        ]

    def test_faqs_are_public_since_the_first_post_that_shows_them(self, loaded: Flask) -> None:
        slug = "what-should-i-wear-to-a-medical-massage"

        faq = db.session.scalar(select(Faq).where(Faq.slug == slug))

        assert faq.published_at.isoformat() == "2026-01-19T09:00:00+00:00"

    def test_a_draft_stays_one(self, loaded: Flask) -> None:
        assert loaded.test_client().get("/api/v1/posts/keeping-a-symptom-diary").status_code == 404

    def test_comments_are_in_every_state_at_their_own_times(
        self, loaded: Flask, demo: SeedSet
    ) -> None:
        rows = db.session.execute(select(Comment.name, Comment.status, Comment.created_at)).all()

        wanted = {(one.author_name, one.status, one.created_at) for one in demo.comments}
        assert set(map(tuple, rows)) == wanted
        assert {status for _, status, _ in rows} == set(seeds.STATUSES)

    def test_every_counter_is_right(self, loaded: Flask, config: Config) -> None:
        assert checkup.list_counters(config) == checkup.FINE
        assert checkup.comment_counters(config) == checkup.FINE

    def test_a_second_time_changes_nothing(
        self, loaded: Flask, site: SeedSet, demo: SeedSet
    ) -> None:
        before = everything()

        assert load("site", site) == load("demo", demo) == Counter()
        assert everything() == before

    def test_one_query_sees_that_all_is_there(self, loaded: Flask, site: SeedSet) -> None:
        statements: list[str] = []
        note = lambda *given: statements.append(given[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)

        is_loaded = seeding.is_loaded("site", site)

        event.remove(db.engine, "before_cursor_execute", note)
        reads = [one for one in statements if one.startswith("SELECT")]
        assert (is_loaded, len(reads)) == (True, 1)


class TestWhatEditorsDid:
    def test_a_renamed_or_changed_post_is_left_alone(
        self, loaded: Flask, site: SeedSet, editor: FlaskClient
    ) -> None:
        changes = {"slug": "massage-and-ms", "title": "Massage and MS"}
        with transaction():
            posts.edit(OPERATOR, post_id(), None, changes)

        load("site", site)

        assert [post_id("massage-and-ms") is None, post_id()] == [False, None]

    def test_a_removed_post_does_not_come_back(self, loaded: Flask, demo: SeedSet) -> None:
        slug = "when-to-postpone-a-massage"
        with transaction():
            db.session.delete(db.session.get(Post, post_id(slug)))

        load("demo", demo)

        assert post_id(slug) is None

    def test_an_article_that_a_person_edited_gets_no_picks(
        self, context: Flask, site: SeedSet, demo: SeedSet, editor: FlaskClient
    ) -> None:
        load("site", site)
        url = f"/api/v1/manage/posts/{post_id()}"
        editor.patch(url, json={"excerpt": "Mine"}, headers=building.ANY)

        load("demo", demo)

        db.session.expire_all()
        assert editor.get(url).json["data"]["related"] == []
        assert editor.get(url).json["data"]["has_unpublished_changes"]

    def test_their_own_tag_of_the_same_name_is_used_and_kept(
        self, context: Flask, site: SeedSet, demo: SeedSet
    ) -> None:
        with transaction():
            mine = taxonomy.create(OPERATOR, Tag, {"name": "My safety", "slug": "safety"}).id
        load("site", site)
        load("demo", demo)

        remove_demo()

        assert db.session.get(Tag, mine).name == "My safety"


class TestRemovingTheDemo:
    def test_exactly_what_it_made_goes(
        self, context: Flask, site: SeedSet, whole_demo: SeedSet, config: Config
    ) -> None:
        load("site", site)
        tables = [Entry, Faq, Tag, Comment]
        before = [db.session.scalars(select(one.id).order_by(one.id)).all() for one in tables]
        load("demo", whole_demo)

        removed = remove_demo()

        after = [db.session.scalars(select(one.id).order_by(one.id)).all() for one in tables]
        assert after == before
        assert removed["post"] == len(whole_demo.posts)
        assert removed["comment"] == len(whole_demo.comments)
        assert checkup.list_counters(config) == checkup.FINE
        assert checkup.comment_counters(config) == checkup.FINE

    def test_the_article_stays_public_without_its_picks(self, loaded: Flask) -> None:
        remove_demo()

        client = loaded.test_client()
        assert client.get(API).json["data"]["comments"]["count"] == 0
        assert client.get(f"{API}/related").json["data"] == []

    def test_what_an_editor_uses_stays(self, loaded: Flask, editor: FlaskClient) -> None:
        tag_id = db.session.scalar(select(Tag.id).where(Tag.slug == "safety"))
        mine = building.post(editor, tag_ids=[tag_id])

        remove_demo()

        assert db.session.get(Tag, tag_id) is not None
        assert db.session.get(Post, mine["id"]) is not None

    def test_a_readers_comment_on_a_demo_post_is_counted_as_gone(self, loaded: Flask) -> None:
        url = "/api/v1/posts/when-to-postpone-a-massage/comments"
        words = {"author_name": "R", "author_email": "r@example.org", "body": "Mine."}
        loaded.test_client().post(url, json=words)

        assert remove_demo()["reader comment"] == 1

    def test_it_stays_away_until_it_is_asked_for(self, loaded: Flask, demo: SeedSet) -> None:
        remove_demo()
        stayed_away = seeding.is_loaded("demo", demo)
        with transaction():
            seeding.allow_again("demo")

        assert stayed_away
        assert load("demo", demo)["post"] == len(demo.posts)


def test_another_language_than_the_sites_is_left_out(
    context: Flask, site: SeedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    spanish = Config(locales=("es",), secret="x" * 32, testing=True)
    monkeypatch.setitem(context.config, "CMS", spanish)

    made = load("site", site)

    assert (made["post"], made["faq"], made["tag"]) == (0, 0, len(site.tags))
