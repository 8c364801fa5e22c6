"""What editors did with seeds stays, and the demo goes away without a trace."""

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.actor import OPERATOR
from cms.config import Config
from cms.database import transaction
from cms.extensions import db
from cms.models import AuditEvent, Comment, Entry, Faq, OutboxEvent, Post, Tag
from cms.services import checkup, merging, posts, seeding, taxonomy
from tests import building
from tests.services.seed_sets import API, DEMO, SITE, WHOLE_DEMO, load, load_both, post_id

pytestmark = pytest.mark.thorough


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def loaded(context: Flask) -> Flask:
    load_both()
    return context


def remove_demo() -> Counter[str]:
    with transaction():
        return seeding.remove("demo")


class TestWhatEditorsDid:
    def test_a_renamed_or_changed_post_is_left_alone(
        self, loaded: Flask, editor: FlaskClient
    ) -> None:
        changes = {"slug": "massage-and-ms", "title": "Massage and MS"}
        with transaction():
            posts.edit(OPERATOR, post_id(), None, changes)

        load("site", SITE)

        assert [post_id("massage-and-ms") is None, post_id()] == [False, None]

    def test_a_removed_post_does_not_come_back(self, loaded: Flask) -> None:
        slug = "when-to-postpone-a-massage"
        with transaction():
            db.session.delete(db.session.get(Post, post_id(slug)))

        load("demo", DEMO)

        assert post_id(slug) is None

    def test_an_article_that_a_person_edited_gets_no_picks(
        self, context: Flask, editor: FlaskClient
    ) -> None:
        load("site", SITE)
        url = f"/api/v1/manage/posts/{post_id()}"
        editor.patch(url, json={"excerpt": "Mine"}, headers=building.ANY)

        load("demo", DEMO)

        db.session.expire_all()
        assert editor.get(url).json["data"]["related"] == []
        assert editor.get(url).json["data"]["has_unpublished_changes"]

    def test_their_own_tag_of_the_same_name_is_used_and_kept(self, context: Flask) -> None:
        with transaction():
            mine = taxonomy.create(OPERATOR, Tag, {"name": "My safety", "slug": "safety"}).id
        load("site", SITE)
        load("demo", DEMO)

        remove_demo()

        assert db.session.get(Tag, mine).name == "My safety"

    def test_a_tag_that_they_merged_is_what_it_became(self, context: Flask) -> None:
        with transaction():
            care = taxonomy.create(OPERATOR, Tag, {"name": "Care"}).id
            gone = taxonomy.create(OPERATOR, Tag, {"name": "Safety"}).id
        with transaction():
            merging.merge(OPERATOR, Tag, gone, None, care)

        load("site", SITE)
        load("demo", DEMO)

        assert db.session.scalar(select(Tag.id).where(Tag.slug == "safety")) is None
        found = context.test_client().get("/api/v1/posts?tag=safety").json["data"]
        assert {"when-to-postpone-a-massage"} <= {one["slug"] for one in found}

    def test_a_seeds_tag_that_they_merged_does_not_come_back(self, loaded: Flask) -> None:
        safety = db.session.scalar(select(Tag.id).where(Tag.slug == "safety"))
        with transaction():
            care = taxonomy.create(OPERATOR, Tag, {"name": "Care"}).id
        with transaction():
            merging.merge(OPERATOR, Tag, safety, None, care)

        assert load("demo", DEMO) == Counter()

        assert db.session.scalar(select(Tag.id).where(Tag.slug == "safety")) is None
        remove_demo()
        assert db.session.get(Tag, care).name == "Care"


class TestRemovingTheDemo:
    def test_exactly_what_it_made_goes(self, context: Flask, config: Config) -> None:
        load("site", SITE)
        tables = [Entry, Faq, Tag, Comment]
        before = [db.session.scalars(select(one.id).order_by(one.id)).all() for one in tables]
        load("demo", WHOLE_DEMO)

        removed = remove_demo()

        after = [db.session.scalars(select(one.id).order_by(one.id)).all() for one in tables]
        assert after == before
        assert removed["post"] == len(WHOLE_DEMO.posts)
        assert removed["comment"] == len(WHOLE_DEMO.comments)
        assert checkup.list_counters(config) == checkup.FINE
        assert checkup.comment_counters(config) == checkup.FINE

    def test_every_comment_that_goes_is_recorded(self, context: Flask) -> None:
        load("site", SITE)
        load("demo", WHOLE_DEMO)
        made = set(db.session.scalars(select(Comment.id)))

        remove_demo()

        lines = select(AuditEvent.object_id).where(AuditEvent.action == "comment.removed")
        events = select(OutboxEvent.payload).where(OutboxEvent.type == "comment.removed")
        assert set(db.session.scalars(lines)) == made
        assert {one["id"] for one in db.session.scalars(events)} == made

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

    def test_it_stays_away_until_it_is_asked_for(self, loaded: Flask) -> None:
        remove_demo()
        stayed_away = seeding.is_loaded("demo", DEMO)
        with transaction():
            seeding.allow_again("demo")

        assert stayed_away
        assert load("demo", DEMO)["post"] == len(DEMO.posts)


def test_another_language_than_the_sites_is_left_out(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    spanish = Config(locales=("es",), secret="x" * 32, testing=True)
    monkeypatch.setitem(context.config, "CMS", spanish)

    made = load("site", SITE)

    assert (made["post"], made["faq"], made["tag"]) == (0, 0, len(SITE.tags))
