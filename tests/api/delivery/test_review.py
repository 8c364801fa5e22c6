"""Readers see who reviewed a text, and whether it was this text."""

import pytest

from tests import building
from tests.building import ANY

POSTS = "/api/v1/manage/posts"
WHO = {"slug": "ana", "name": "Ana", "credentials": "MD"}


@pytest.fixture
def ana(editor):
    return building.author(editor, name="Ana", slug="ana", credentials="MD")


@pytest.fixture
def review(editor, ana):
    """Record a review of a post by Ana."""

    def review(post, **fields):
        values = building.review(editor, reviewed_by=ana["id"], **fields)
        answer = editor.post(f"{POSTS}/{post['id']}/review", json=values, headers=ANY)
        assert answer.status_code == 200, answer.json
        return post

    return review


def shown(client, post):
    return client.get(f"/api/v1/posts/{post['slug']}").json["data"]["review"]


def edit(editor, post, **fields):
    editor.patch(f"{POSTS}/{post['id']}", json=fields or {"excerpt": "New"}, headers=ANY)


def test_a_review_shows_at_once_on_the_text_that_was_reviewed(editor, client, review):
    post = review(building.published_post(editor), note="Between us.")

    assert shown(client, post) == {
        "reviewed_by": WHO,
        "reviewed_on": "2024-05-01",
        "due_on": "2025-05-01",
        "is_of_this_text": True,
    }


def test_a_review_of_a_draft_shows_when_it_is_published(editor, client, review):
    post = building.publish(editor, review(building.post(editor), due_on=None))

    assert shown(client, post)["is_of_this_text"] is True
    assert shown(client, post)["due_on"] is None


def test_a_review_of_changes_to_come_does_not_show_yet(editor, client, review):
    post = building.published_post(editor)
    edit(editor, post)
    review(post)

    assert shown(client, post) is None

    building.publish(editor, post)
    assert shown(client, post)["is_of_this_text"] is True


def test_a_text_changed_since_says_so(editor, client, review):
    post = review(building.published_post(editor))
    edit(editor, post)

    before = shown(client, post)
    building.publish(editor, post)

    assert before["is_of_this_text"] is True
    assert shown(client, post) == before | {"is_of_this_text": False}


def test_the_review_of_this_text_stays_when_a_later_text_is_reviewed(editor, client, review):
    post = review(building.published_post(editor), reviewed_on="2024-01-01")
    edit(editor, post)
    review(post, reviewed_on="2024-02-02")

    assert shown(client, post)["reviewed_on"] == "2024-01-01"

    building.publish(editor, post)
    assert shown(client, post)["reviewed_on"] == "2024-02-02"


def test_of_two_reviews_of_a_text_the_later_one_shows(editor, client, review):
    post = building.published_post(editor)
    review(post, reviewed_on="2024-03-03")
    review(post, reviewed_on="2024-01-01")

    assert shown(client, post)["reviewed_on"] == "2024-01-01"


def test_the_reviewer_is_called_what_they_are_called_now(editor, client, review, ana):
    post = review(building.published_post(editor))
    url = f"/api/v1/manage/authors/{ana['id']}"
    editor.patch(url, json={"name": "Ana Doe", "credentials": None}, headers=ANY)

    assert shown(client, post)["reviewed_by"] == WHO | {"name": "Ana Doe", "credentials": None}


def test_a_preview_shows_review_and_sources_as_they_will_be(editor, client, review):
    body = building.markdown("Warmth helps.[^s1]")
    post = review(building.post(editor, body=body, sources=[building.source(pmid="1")]))
    link = editor.post(f"{POSTS}/{post['id']}/preview-links", json={}).json["data"]

    found = client.get(f"/api/v1/preview/{link['token']}").json["data"]

    assert found["review"]["is_of_this_text"] is True
    assert found["sources"][0]["url"] == "https://pubmed.ncbi.nlm.nih.gov/1/"
    assert '<a href="#source-1">[1]</a>' in found["body"]["html"]


def test_lists_and_cards_show_it_too(editor, client, review):
    post, other = review(building.published_post(editor)), building.published_post(editor)
    picks = {"related": [{"post_id": post["id"]}]}
    editor.put(f"{POSTS}/{other['id']}/related", json=picks, headers=ANY)
    building.publish(editor, other)

    listed = client.get("/api/v1/posts?sort=published_at").json["data"]
    (card,) = client.get(f"/api/v1/posts/{other['slug']}/related").json["data"]

    assert [one["review"] for one in listed] == [shown(client, post), None]
    assert card["review"] == shown(client, post)


def test_its_parts_can_be_asked_for(editor, client, review):
    post = review(building.published_post(editor))

    fields = "review.reviewed_by.name,review.is_of_this_text"
    found = client.get(f"/api/v1/posts/{post['slug']}?fields={fields}").json["data"]

    assert found == {"review": {"reviewed_by": {"name": "Ana"}, "is_of_this_text": True}}


def test_a_review_changes_the_etag_and_not_the_time(editor, client, review):
    post = building.published_post(editor)
    url = f"/api/v1/posts/{post['slug']}"
    before = client.get(url)

    review(post)

    after = client.get(url, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json["data"]["updated_at"] == before.json["data"]["updated_at"]
