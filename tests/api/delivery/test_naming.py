"""What posts name, where nobody asks the database for it again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cms import create_app
from cms.reading import Reader
from cms.services.delivery.memory import EXTENSION
from cms.times import format_time, utc_now
from tests import building
from tests.api.delivery.reading import data
from tests.api.manage.test_scheduling import around, put
from tests.building import ANY

IMAGES = "/api/v1/manage/media"


@pytest.fixture
def client(app, config):
    """A reader whom nothing before Flask answers."""
    return create_app(replace(config, response_cache=False)).test_client()


def showing(editor, faq, **fields):
    post = building.post(editor, slug="heat", **fields)
    shown = {"faq_ids": [faq["id"]]}
    answer = editor.put(f"/api/v1/manage/posts/{post['id']}/faqs", json=shown, headers=ANY)
    assert answer.status_code == 200, answer.json
    return building.publish(editor, post)


def questions(client):
    return [faq["question"] for faq in data(client, "/posts/heat")["faqs"]]


ASKED = ("Does it hurt?",)


@pytest.mark.parametrize(
    ("made", "plan", "shown"),
    [
        (building.faq, "publish_at", [(), ASKED]),
        (building.published_faq, "unpublish_at", [ASKED, ()]),
    ],
)
def test_a_faq_is_shown_from_its_time_on_and_up_to_its_end(client, editor, made, plan, shown):
    faq = made(editor, question=ASKED[0])
    showing(editor, faq)
    soon = format_time(utc_now() + timedelta(seconds=1))
    put(editor, faq, **{plan: soon})

    before, after = around(soon, lambda: tuple(questions(client)))

    assert ([*before], after) == ([shown[0]], shown[1])


def test_an_image_is_described_as_it_was_while_nothing_showed_it(client, admin):
    image = building.media(admin, alt="Before")
    post = building.published_post(admin, slug="heat", hero_media_id=image["id"])
    assert data(client, "/posts/heat")["hero"]["alt"] == "Before"
    assert admin.delete(f"/api/v1/manage/posts/{post['id']}/publication", headers=ANY).json
    admin.patch(f"{IMAGES}/{image['id']}", json={"alt": "After"}, headers=ANY)
    building.publish(admin, post)
    assert data(client, "/posts/heat")["hero"]["alt"] == "After"


def test_nothing_is_asked_for_twice(client, editor, monkeypatch):
    gone = building.faq(editor)
    tags = [building.tag(editor, name=f"Tag {number}")["id"] for number in range(12)]
    showing(editor, gone, tag_ids=tags)
    first, asked = data(client, "/posts/heat"), []
    fetch = Reader._fetch
    monkeypatch.setattr(Reader, "_fetch", lambda *args: asked.append(args) or fetch(*args))
    assert data(client, "/posts/heat") == first
    assert len(asked) == 1
    assert [tag["name"] for tag in first["tags"]] == [f"Tag {number}" for number in range(12)]


def test_what_is_forgotten_meanwhile_is_not_missing(app, client, editor, monkeypatch):
    tag = building.tag(editor, name="Warmth")
    building.published_post(editor, slug="heat", tag_ids=[tag["id"]])
    monkeypatch.setattr(app.extensions[EXTENSION], "get", lambda *_: None)
    assert [tag["name"] for tag in data(client, "/posts/heat")["tags"]] == ["Warmth"]
