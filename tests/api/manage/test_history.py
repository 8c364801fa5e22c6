"""What editors see of a post's public history, and what they take out of it."""

import pytest

from tests import building
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, NOWHERE

POSTS = "/api/v1/manage/posts"
WHY = {"reason": "It named a patient."}


@pytest.fixture
def post(editor):
    made = building.published_post(editor)
    building.corrected(editor, made["id"], "We were wrong.", title="Warmth")
    return made


def url_of(post):
    return f"{POSTS}/{post['id']}/history"


def texts(client, post):
    return client.get(url_of(post)).json["data"]


def redact(client, post, text_id, query=None, headers=ANY):
    url = f"{url_of(post)}/{text_id}"
    return client.delete(url, query_string=WHY if query is None else query, headers=headers)


class TestTheList:
    def test_names_every_text_that_readers_saw(self, editor, post):
        latest, first = texts(editor, post)

        assert (latest["is_live"], first["is_live"]) == (True, False)
        assert (latest["correction_note"], first["correction_note"]) == ("We were wrong.", None)
        assert (latest["revision"], first["revision"]) == (2, 1)
        assert not latest["redacted"]
        assert latest["redacted_at"] is latest["redacted_by"] is latest["reason"] is None

    def test_has_the_ids_that_readers_get(self, editor, client, post):
        slug = editor.get(f"{POSTS}/{post['id']}").json["data"]["slug"]
        public = client.get(f"/api/v1/posts/{slug}/history").json["data"]

        assert [one["id"] for one in texts(editor, post)] == [one["id"] for one in public]

    def test_comes_in_pages(self, editor, post):
        page = editor.get(f"{url_of(post)}?limit=1&total=true").json

        rest = editor.get(page["links"]["next"]).json
        assert page["meta"]["total"] == 2
        assert page["data"] + rest["data"] == texts(editor, post)

    def test_is_there_while_the_post_is_offline(self, editor, post):
        editor.delete(f"{POSTS}/{post['id']}/publication", headers=ANY)

        assert [one["is_live"] for one in texts(editor, post)] == [False, False]

    def test_of_a_draft_is_empty(self, editor):
        assert texts(editor, building.post(editor)) == []


class TestTakingOut:
    def test_says_who_and_why(self, editor, post):
        first = texts(editor, post)[-1]

        answer = redact(editor, post, first["id"])

        found = answer.json["data"]
        assert found == texts(editor, post)[-1]
        assert (found["redacted"], found["reason"]) == (True, WHY["reason"])
        assert found["redacted_by"] == editor.user_id
        assert found["redacted_at"]

    def test_answers_the_new_version_of_the_post(self, editor, post):
        version = editor.get(f"{POSTS}/{post['id']}").json["data"]["version"]
        first = texts(editor, post)[-1]

        answer = redact(editor, post, first["id"], headers={"If-Match": f'"{version}"'})

        assert answer.headers["ETag"] == f'"{version + 1}"'

    def test_again_with_another_reason_replaces_it(self, editor, post):
        first = texts(editor, post)[-1]
        redact(editor, post, first["id"])

        answer = redact(editor, post, first["id"], {"reason": "By order of a court."})

        assert answer.json["data"]["reason"] == "By order of a court."

    def test_again_with_the_same_reason_changes_nothing(self, app, editor, post):
        first = texts(editor, post)[-1]
        redact(editor, post, first["id"])
        before = contents(app)

        assert redact(editor, post, first["id"]).status_code == 200
        assert contents(app) == before

    def test_goes_with_the_post_when_that_is_removed(self, app, admin, editor, post):
        redact(editor, post, texts(editor, post)[-1]["id"])
        assert contents(app)["redactions"]

        admin.delete(f"{POSTS}/{post['id']}?permanent=true", headers=ANY)

        assert contents(app)["redactions"] == []

    def test_of_a_post_in_the_trash_is_refused(self, app, editor, post):
        first = texts(editor, post)[-1]
        editor.delete(f"{POSTS}/{post['id']}", headers=ANY)
        before = contents(app)

        assert_problem(redact(editor, post, first["id"]), 409, "trashed")
        assert contents(app) == before

    def test_the_last_text_of_a_post_that_is_offline_is_allowed(self, editor, post):
        editor.delete(f"{POSTS}/{post['id']}/publication", headers=ANY)

        assert redact(editor, post, texts(editor, post)[0]["id"]).status_code == 200


# Which text, the query, the headers; then the status and the reason.
WRONG = [
    ("live", WHY, ANY, 409, "history_live"),
    ("past", {}, ANY, 400, "bad_parameter"),
    ("past", {"reason": ""}, ANY, 400, "bad_parameter"),
    ("past", {"reason": "  "}, ANY, 400, "bad_parameter"),
    ("past", {"reason": "x" * 501}, ANY, 400, "bad_parameter"),
    ("past", {"why": "x"}, ANY, 400, "bad_parameter"),
    ("past", WHY, {}, 428, "version_required"),
    ("past", WHY, {"If-Match": '"1"'}, 412, "stale_version"),
    ("past", WHY, {"If-Match": "x"}, 400, "bad_if_match"),
    (NOWHERE, WHY, ANY, 404, "not_found"),
    ("1", WHY, ANY, 404, "not_found"),
    ("another's", WHY, ANY, 404, "not_found"),
]


@pytest.mark.parametrize(("which", "query", "headers", "status", "reason"), WRONG, ids=str)
@pytest.mark.thorough
def test_wrong_use_is_refused_and_changes_nothing(
    app, editor, post, which, query, headers, status, reason
):
    live, past = texts(editor, post)
    other = texts(editor, building.published_post(editor))[0]
    known = {"live": live["id"], "past": past["id"], "another's": other["id"]}
    before = contents(app)

    answer = redact(editor, post, known.get(which, which), query, headers)

    assert_problem(answer, status, reason)
    assert contents(app) == before
