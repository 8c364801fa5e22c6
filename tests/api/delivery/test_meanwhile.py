"""What changes between two statements of one read is neither missing nor half old."""

import pytest

from cms.reading import reader
from cms.services.delivery import cards, memory, naming
from cms.services.delivery.moment import Moment
from tests import building
from tests.building import ANY
from tests.interleaving import before_call


@pytest.mark.parametrize("path", ["/posts", "/posts/cold/related"])
def test_nothing_is_missing_while_it_is_replaced(app, admin, client, path):
    heat = building.published_post(admin, slug="heat")
    cold = building.post(admin, slug="cold")
    picks = {"related": [{"post_id": heat["id"]}]}
    url = f"/api/v1/manage/posts/{cold['id']}/related"
    assert admin.put(url, json=picks, headers=building.ANY).status_code == 200
    building.publish(admin, cold)
    memory.init_app(app)

    answer, _ = before_call(
        app,
        (cards, "_made"),
        lambda: client.get(f"/api/v1{path}", headers={"Cookie": "passes=by"}),
        lambda: building.corrected(admin, heat["id"], title="Warmth"),
    )

    assert answer.status_code == 200
    found = answer.json["data"]
    assert "heat" in [one["slug"] for one in (found if isinstance(found, list) else [found])]


PAST = {"Cookie": "passes=by"}


@pytest.fixture
def tag(admin):
    return building.tag(admin, name="Old")


def renamed(admin, tag):
    answer = admin.patch(f"/api/v1/manage/tags/{tag['id']}", json={"name": "New"}, headers=ANY)
    assert answer.status_code == 200, answer.json


def test_a_question_put_anew_is_not_missing(app, admin, client):
    faq, post = building.published_faq(admin, question="Why?"), building.post(admin, slug="heat")
    shown = {"faq_ids": [faq["id"]]}
    admin.put(f"/api/v1/manage/posts/{post['id']}/faqs", json=shown, headers=ANY)
    building.publish(admin, post)
    memory.init_app(app)

    def put_anew():
        url = f"/api/v1/manage/faqs/{faq['id']}"
        assert admin.patch(url, json={"question": "Why now?"}, headers=ANY).status_code == 200
        building.publish(admin, faq)

    read = lambda: client.get("/api/v1/posts/heat", headers=PAST)  # noqa: E731
    answer, _ = before_call(app, (naming, "_asked"), read, put_anew)

    assert [one["question"] for one in answer.json["data"]["faqs"]] == ["Why now?"]


@pytest.mark.parametrize("path", ["/posts/heat", "/posts"])
def test_a_tag_that_becomes_another_is_not_missing(app, admin, client, path, tag):
    into = building.tag(admin, name="New")
    building.published_post(admin, slug="heat", tag_ids=[tag["id"]])
    memory.init_app(app)

    def merge():
        url = f"/api/v1/manage/tags/{tag['id']}/merge"
        assert admin.post(url, json={"into": into["id"]}, headers=ANY).status_code == 200

    read = lambda: client.get(f"/api/v1{path}", headers=PAST)  # noqa: E731
    answer, _ = before_call(app, (naming, "_asked"), read, merge)

    found = answer.json["data"]
    (post,) = found if isinstance(found, list) else [found]
    assert [one["name"] for one in post["tags"]] == ["New"]


def test_a_new_row_with_an_old_name_is_not_remembered(app, admin, client, tag):
    building.published_post(admin, slug="heat", tag_ids=[tag["id"]])
    memory.init_app(app)
    # The name is known, the card is not.
    assert client.get("/api/v1/posts/heat", headers=PAST).json["data"]["tags"][0]["name"] == "Old"

    answer, _ = before_call(
        app,
        (cards, "_made"),
        lambda: client.get("/api/v1/posts", headers=PAST),
        lambda: renamed(admin, tag),
    )

    assert answer.json["data"][0]["tags"][0]["name"] == "New"


def test_a_preview_of_the_site_is_of_its_time_whatever_changes(app):
    with app.app_context():
        at = Moment("en", app.config["CMS"], reader(), "2030-01-01T00:00:00.000Z")
        assert at.again().at == at.at
