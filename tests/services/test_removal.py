"""Removing an entry for ever leaves nothing of it, and everything else as it was."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cms.actor import OPERATOR, Actor
from cms.config import Config
from cms.database import transaction
from cms.errors import Forbidden
from cms.extensions import db
from cms.models import AuditEvent, EntrySlug, OutboxEvent, Post, Publication, Revision, Role
from cms.services import checkup, entries, removal
from tests import building

EDITOR = Actor(user_id=None, role=Role.EDITOR, name="E", email="", via="command line")


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def remove(post_id: str, actor: Actor = OPERATOR) -> None:
    with transaction():
        removal.remove_entry(actor, entries.lock(Post, post_id))


def test_nothing_of_it_is_left(context: Flask, editor: FlaskClient, config: Config) -> None:
    tag = building.tag(editor)
    post = building.published_post(editor, slug="gone", tag_ids=[tag["id"]])

    remove(post["id"])

    for model in (Revision, EntrySlug, Publication):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0, model
    assert context.test_client().get("/api/v1/posts/gone").status_code == 404
    assert checkup.list_counters(config) == checkup.FINE


def test_its_slug_is_free(context: Flask, editor: FlaskClient) -> None:
    post = building.published_post(editor, slug="gone")

    remove(post["id"])

    assert building.post(editor, slug="gone")["slug"] == "gone"


def test_it_is_recorded_and_announced(context: Flask, editor: FlaskClient) -> None:
    post = building.published_post(editor)

    remove(post["id"])

    actions = select(AuditEvent.action).where(AuditEvent.object_id == post["id"])
    assert "post.removed" in db.session.scalars(actions).all()
    assert "post.removed" in db.session.scalars(select(OutboxEvent.type)).all()


def test_a_post_that_picked_it_stays_public(context: Flask, editor: FlaskClient) -> None:
    gone = building.published_post(editor)
    stays = building.post(editor, slug="stays")
    url = f"/api/v1/manage/posts/{stays['id']}"
    related = {"related": [{"post_id": gone["id"]}]}
    editor.put(f"{url}/related", json=related, headers=building.ANY)
    building.publish(editor, stays)

    remove(gone["id"])

    assert context.test_client().get("/api/v1/posts/stays/related").json["data"] == []
    assert editor.get(url).json["data"]["related"] == []


def test_only_an_admin_may(context: Flask, editor: FlaskClient) -> None:
    post = building.post(editor)

    with pytest.raises(Forbidden):
        remove(post["id"], EDITOR)
    assert db.session.get(Post, post["id"]) is not None
