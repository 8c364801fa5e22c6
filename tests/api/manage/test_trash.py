"""The trash: offline at once, back when wanted, and gone only when an administrator says so."""

import pytest

from tests import building
from tests.building import ANY

POSTS, FAQS = "/api/v1/manage/posts", "/api/v1/manage/faqs"


@pytest.fixture
def live(editor):
    return building.published_post(editor, slug="one")


def discard(client, post, query=""):
    return client.delete(f"{POSTS}/{post['id']}{query}", headers=ANY)


def test_a_discarded_post_is_offline_and_says_what_it_was(client, editor, live):
    answer = discard(editor, live).json["data"]

    assert (answer["status"], answer["taken_offline"]["revision"]) == ("trashed", 1)
    assert client.get("/api/v1/posts/one").status_code == 404
    assert editor.get(f"{POSTS}/{live['id']}").json["data"]["status"] == "trashed"


def test_it_is_listed_only_where_the_trash_is_asked_for(editor, live):
    discard(editor, live)

    assert editor.get(POSTS).json["data"] == []
    assert [one["id"] for one in editor.get(f"{POSTS}?status=trashed").json["data"]] == [live["id"]]


def test_it_keeps_its_slug(editor, live):
    discard(editor, live)

    refused = editor.post(POSTS, json={"title": "Another", "slug": "one"})

    assert (refused.status_code, refused.json["reason"]) == (409, "slug_taken")


def test_a_restored_post_comes_back_unpublished_with_all_it_had(client, editor, live):
    faq = building.published_faq(editor)
    editor.put(f"{POSTS}/{live['id']}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)
    discard(editor, live)

    back = editor.post(f"{POSTS}/{live['id']}/restore").json["data"]

    assert (back["status"], back["faq_ids"]) == ("offline", [faq["id"]])
    assert client.get("/api/v1/posts/one").status_code == 404
    building.publish(editor, live)
    assert client.get("/api/v1/posts/one").json["data"]["published_at"] == live["published_at"]


def test_what_waited_is_cancelled(editor):
    post = building.post(editor)
    plan = {"publish_at": "2500-01-01T00:00:00Z"}
    editor.put(f"{POSTS}/{post['id']}/publication", json=plan, headers=ANY)

    answer = discard(editor, post).json["data"]

    assert answer["cancelled"]["visible_from"] == "2500-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"title": "New"}),
        ("DELETE", "", None),
        ("PUT", "/publication", {}),
        ("PATCH", "/publication", {"unpublish_at": None}),
        ("DELETE", "/publication/scheduled", None),
    ],
)
def test_nothing_is_done_to_what_lies_in_the_trash(editor, live, method, path, body):
    discard(editor, live)

    refused = editor.open(f"{POSTS}/{live['id']}{path}", method=method, json=body, headers=ANY)

    assert (refused.status_code, refused.json["reason"]) == (409, "trashed")


def test_what_is_not_in_the_trash_can_not_be_restored(editor, live):
    refused = editor.post(f"{POSTS}/{live['id']}/restore")

    assert (refused.status_code, refused.json["reason"]) == (409, "not_trashed")


def test_the_answer_names_the_posts_that_depended_on_it(editor, live):
    faq = building.published_faq(editor)
    editor.put(f"{POSTS}/{live['id']}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)

    answer = editor.delete(f"{FAQS}/{faq['id']}", headers=ANY).json["data"]

    assert [one["slug"] for one in answer["depended_on_by"]] == ["one"]


def test_only_an_administrator_removes_for_ever(admin, editor, live):
    assert discard(editor, live, "?permanent=true").status_code == 403

    answer = discard(admin, live, "?permanent=true")

    assert (answer.status_code, answer.json["data"]["status"]) == (200, "removed")
    assert admin.get(f"{POSTS}/{live['id']}").status_code == 404
    assert building.post(editor, slug="one")["slug"] == "one"


def test_an_author_discards_a_draft_of_their_own_and_nothing_live(sign_in, editor):
    author = sign_in("author")
    draft, live = building.post(author), building.post(author)
    building.publish(editor, live)

    assert discard(author, draft).status_code == 200
    assert discard(author, live).status_code == 403
    assert discard(author, building.post(editor)).status_code == 403


def test_a_token_that_may_not_publish_takes_nothing_offline(sign_in, editor, live):
    writer = sign_in("editor", scopes=["content:write", "content:read"])

    refused = discard(writer, live)

    assert (refused.status_code, refused.json["reason"]) == (403, "entry_publish")


def test_a_stale_version_discards_nothing(client, editor, live):
    refused = editor.delete(f"{POSTS}/{live['id']}", headers={"If-Match": '"1"'})

    assert refused.status_code == 412
    assert client.get("/api/v1/posts/one").status_code == 200
