"""A professional's review is of exactly one text, and is due again some day."""

from datetime import UTC, datetime, timedelta

import pytest

from cms.extensions import db
from cms.services import reviews
from tests import building
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, NOWHERE

POSTS = "/api/v1/manage/posts"


def record(client, post, headers=ANY, **fields):
    url = f"{POSTS}/{post['id']}/review"
    return client.post(url, json=building.review(client, **fields), headers=headers)


def recorded(client, post, **fields):
    answer = record(client, post, **fields)
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def read(client, post):
    return client.get(f"{POSTS}/{post['id']}").json["data"]


def day(days):
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


class TestRecording:
    def test_a_review_shows_on_the_post(self, editor):
        author = building.author(editor, name="Ana", slug="ana", credentials="MD")
        post = building.post(editor)

        found = recorded(editor, post, reviewed_by=author["id"], note="Read twice.")

        who = {"id": author["id"], "slug": "ana", "name": "Ana", "credentials": "MD"}
        assert found["review"] == read(editor, post)["review"]
        assert found["review"] == {
            "reviewed_by": who,
            "reviewed_on": "2024-05-01",
            "due_on": "2025-05-01",
            "note": "Read twice.",
            "revision": post["revision"],
            "is_of_present_text": True,
            "is_overdue": True,
        }

    def test_a_post_has_none_at_first(self, editor):
        assert building.post(editor)["review"] is None

    def test_it_makes_a_new_version_and_no_revision(self, editor):
        post = building.post(editor)

        answer = record(editor, post, headers={"If-Match": f'"{post["version"]}"'})

        assert answer.headers["ETag"] == f'"{post["version"] + 1}"'
        assert answer.json["data"]["revision"] == post["revision"]

    def test_without_a_day_it_is_never_overdue(self, editor):
        found = recorded(editor, building.post(editor), due_on=None)["review"]

        assert (found["due_on"], found["is_overdue"]) == (None, False)

    def test_it_is_overdue_on_the_day_after_it_was_due(self, editor):
        due_today = recorded(editor, building.post(editor), due_on=day(0))
        due_yesterday = recorded(editor, building.post(editor), due_on=day(-1))

        assert due_today["review"]["is_overdue"] is False
        assert due_yesterday["review"]["is_overdue"] is True

    def test_the_latest_one_counts_and_all_are_kept(self, editor):
        post = building.post(editor)
        recorded(editor, post, note="first")

        shown = recorded(editor, post, note="second", due_on=None)["review"]

        found = editor.get(f"{POSTS}/{post['id']}/reviews?total=true").json
        assert shown["note"] == "second"
        assert [one["note"] for one in found["data"]] == ["second", "first"]
        assert found["meta"]["total"] == 2
        assert found["data"][0]["created_by"] == editor.user_id

    def test_all_reviews_come_in_pages(self, editor):
        post = building.post(editor)
        for number in range(5):
            recorded(editor, post, note=str(number))

        notes, url = [], f"{POSTS}/{post['id']}/reviews?limit=2"
        while url:
            page = editor.get(url).json
            notes += [one["note"] for one in page["data"]]
            url = (page["links"]["next"] or "").removeprefix("http://api.example.org")

        assert notes == ["4", "3", "2", "1", "0"]


class TestEditingAfterwards:
    def test_makes_it_a_review_of_an_older_text(self, editor):
        post = building.post(editor)
        recorded(editor, post)

        editor.patch(f"{POSTS}/{post['id']}", json={"excerpt": "New"}, headers=ANY)

        found = read(editor, post)["review"]
        assert (found["revision"], found["is_of_present_text"]) == (post["revision"], False)

    def test_closing_comments_is_no_other_text(self, editor):
        post = building.post(editor)
        recorded(editor, post)

        editor.patch(f"{POSTS}/{post['id']}", json={"comments_open": False}, headers=ANY)

        assert read(editor, post)["review"]["is_of_present_text"] is True

    def test_a_new_review_is_of_the_new_text(self, editor):
        post = building.post(editor)
        recorded(editor, post)
        editor.patch(f"{POSTS}/{post['id']}", json={"excerpt": "New"}, headers=ANY)

        found = recorded(editor, post)["review"]

        assert (found["revision"], found["is_of_present_text"]) == (post["revision"] + 1, True)


# What is wrong, the status, the reason, and the field that it names.
WRONG = [
    ({"reviewed_by": NOWHERE}, 422, "unknown_id", "/reviewed_by"),
    ({"reviewed_by": "somebody"}, 422, "validation_failed", "/reviewed_by"),
    ({"reviewed_by": None}, 422, "validation_failed", "/reviewed_by"),
    ({"reviewed_on": day(1)}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "2024-02-30"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "2024-5-1"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "20240501"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "2024-W18-3"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "2024-05-01T00:00:00Z"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "२०२४-०५-०१"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "1969-12-31"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": "3000-01-01"}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": 20240501}, 422, "validation_failed", "/reviewed_on"),
    ({"reviewed_on": None}, 422, "validation_failed", "/reviewed_on"),
    ({"due_on": "2024-05-01"}, 422, "validation_failed", "/due_on"),
    ({"due_on": "2024-04-30"}, 422, "validation_failed", "/due_on"),
    ({"due_on": "soon"}, 422, "validation_failed", "/due_on"),
    ({"note": "x" * 2001}, 422, "validation_failed", "/note"),
    ({"note": 1}, 422, "validation_failed", "/note"),
    ({"revision": 1}, 422, "validation_failed", "/revision"),
    ({"reviewed_on": "2024-05-01\u0000"}, 400, "forbidden_character", "/reviewed_on"),
]


class TestWrongUse:
    @pytest.mark.parametrize(("fields", "status", "reason", "pointer"), WRONG, ids=str)
    @pytest.mark.thorough
    def test_is_named_and_changes_nothing(self, app, editor, fields, status, reason, pointer):
        post, author = building.post(editor), building.author(editor, credentials="MD")
        before = contents(app)

        answer = record(editor, post, **({"reviewed_by": author["id"]} | fields))

        found = assert_problem(answer, status, reason)
        assert [fault["pointer"] for fault in found["errors"]] == [pointer]
        assert contents(app) == before

    @pytest.mark.parametrize("credentials", [None, ""])
    def test_a_reviewer_needs_credentials(self, app, editor, credentials):
        author = building.author(editor, name="Jo Doe", credentials=credentials)
        post = building.post(editor)
        before = contents(app)

        found = assert_problem(
            record(editor, post, reviewed_by=author["id"]), 422, "no_credentials"
        )

        assert "Jo Doe" in found["detail"]
        assert found["errors"][0]["pointer"] == "/reviewed_by"
        assert contents(app) == before

    def test_of_another_version_is_refused(self, app, editor):
        post = building.post(editor)
        editor.patch(f"{POSTS}/{post['id']}", json={"excerpt": "New"}, headers=ANY)
        values = building.review(editor)
        before = contents(app)

        url = f"{POSTS}/{post['id']}/review"
        stale = editor.post(url, json=values, headers={"If-Match": f'"{post["version"]}"'})
        blind = editor.post(url, json=values)

        assert_problem(stale, 412, "stale_version")
        assert_problem(blind, 428, "version_required")
        assert contents(app) == before

    def test_of_a_post_that_is_not_there_is_not_found(self, editor):
        assert_problem(record(editor, {"id": NOWHERE}), 404, "not_found")
        assert_problem(editor.get(f"{POSTS}/{NOWHERE}/reviews"), 404, "not_found")

    def test_of_a_post_in_the_trash_is_refused(self, app, editor):
        post = building.post(editor)
        editor.delete(f"{POSTS}/{post['id']}", headers=ANY)
        values = building.review(editor)
        before = contents(app)

        url = f"{POSTS}/{post['id']}/review"
        assert_problem(editor.post(url, json=values, headers=ANY), 409, "trashed")
        assert contents(app) == before

    def test_of_a_faq_is_not_found(self, editor):
        assert_problem(record(editor, building.faq(editor)), 404, "not_found")

    def test_who_reviewed_can_not_be_removed(self, editor):
        author = building.author(editor, credentials="MD")
        recorded(editor, building.post(editor), reviewed_by=author["id"])

        answer = editor.delete(f"/api/v1/manage/authors/{author['id']}", headers=ANY)

        assert_problem(answer, 409, "in_use")


class TestDueReviews:
    @pytest.fixture
    def due(self, editor):
        """Posts that are due on these days, and one that never is."""
        found = {one: building.post(editor) for one in ("2030-01-01", "2030-06-01", None, "none")}
        for due_on, post in list(found.items())[:3]:
            recorded(editor, post, due_on=due_on)
        return found

    def listed(self, client, query):
        return [one["id"] for one in client.get(f"{POSTS}?{query}&sort=created_at").json["data"]]

    def test_are_found_by_the_day_before_which_they_are_due(self, editor, due):
        first, second = due["2030-01-01"]["id"], due["2030-06-01"]["id"]

        assert self.listed(editor, "review_due_before=2030-01-01") == []
        assert self.listed(editor, "review_due_before=2030-01-02") == [first]
        assert self.listed(editor, "review_due_before=2040-01-01") == [first, second]

    def test_join_with_other_filters_and_pages(self, editor, due):
        url = f"{POSTS}?review_due_before=2040-01-01&status=draft&limit=1&total=true"

        page = editor.get(url).json

        assert page["meta"]["total"] == 2
        assert len(editor.get(page["links"]["next"]).json["data"]) == 1

    def test_a_later_review_puts_the_day_off(self, editor, due):
        recorded(editor, due["2030-01-01"], due_on="2050-01-01")

        assert self.listed(editor, "review_due_before=2030-02-01") == []

    @pytest.mark.parametrize("value", ["soon", "2030-13-01", "2030-01-01T00:00:00Z", "", "0"])
    def test_are_asked_for_by_a_plain_date(self, editor, value):
        answer = editor.get(f"{POSTS}?review_due_before={value}")

        assert_problem(answer, 400, "bad_parameter")

    def test_are_counted_as_they_are_listed(self, app, editor, due):
        with app.app_context():
            counted = reviews.overdue_count(datetime(2030, 6, 2, tzinfo=UTC).date())

        assert counted == 2

    def test_are_counted_for_editors_but_not_in_the_trash(self, editor):
        posts = [building.post(editor) for _ in range(2)]
        for post in posts:
            recorded(editor, post, due_on=day(-1))

        both = editor.get("/api/v1/manage/stats").json["data"]["reviews_overdue"]
        editor.delete(f"{POSTS}/{posts[0]['id']}", headers=ANY)
        left = editor.get("/api/v1/manage/stats").json["data"]["reviews_overdue"]

        assert (both, left) == (2, 1)
        assert len(self.listed(editor, f"review_due_before={day(0)}")) == 1

    def test_warn_and_do_not_keep_from_publishing(self, editor):
        post = building.post(editor)
        recorded(editor, post, due_on=day(-1))

        answer = editor.put(f"{POSTS}/{post['id']}/publication", json={}, headers=ANY)

        assert answer.status_code == 200
        (found,) = answer.json["data"]["findings"]
        assert (found["check"], found["level"]) == ("review", "warning")
        assert found["pointer"] == "/review/due_on"

    def test_warn_who_publishes(self, app, editor, due):
        with app.app_context():
            post = db.session.get(reviews.Post, due["2030-01-01"]["id"])
            on_the_day = reviews.overdue(post, datetime(2030, 1, 1, tzinfo=UTC).date())
            after = reviews.overdue(post, datetime(2030, 1, 2, tzinfo=UTC).date())

        assert on_the_day is None
        assert after == ("/review/due_on", "The next review was due on 2030-01-01.")
