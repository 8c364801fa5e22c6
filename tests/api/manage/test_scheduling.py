"""Schedules: exact to the moment, with nobody to carry them out."""

from datetime import timedelta
from itertools import pairwise

import pytest

from cms.extensions import db
from cms.models import Publication
from cms.times import format_time, parse_time, utc_now
from tests import building
from tests.api.refusals import contents
from tests.building import ANY

MANAGE = "/api/v1/manage"


def later(**distance):
    return format_time(utc_now() + timedelta(**distance))


def url(entry, path="publication"):
    kind = "faqs" if "question" in entry else "posts"
    return f"{MANAGE}/{kind}/{entry['id']}/{path}"


def put(client, entry, **plan):
    return client.put(url(entry), json=plan, headers=ANY)


def title_of(client, slug):
    answer = client.get(f"/api/v1/posts/{slug}")
    return answer.json["data"]["title"] if answer.status_code == 200 else answer.status_code


def number_of_posts(client):
    return client.get("/api/v1/posts?total=true").json["meta"]["total"]


def around(at, ask):
    """All that `ask` answers before a time, and what right after, however busy the machine is."""
    moment, before = parse_time(at), set()
    while True:
        start, answer = utc_now(), ask()
        if start >= moment:
            return before, answer
        if utc_now() < moment:
            before.add(answer)


def retitled(editor, post, title):
    answer = editor.patch(f"{MANAGE}/posts/{post['id']}", json={"title": title}, headers=ANY)
    assert answer.status_code == 200, answer.json


@pytest.fixture
def draft(editor):
    return building.post(editor, slug="one", title="Old")


@pytest.fixture
def live(editor, draft):
    return building.publish(editor, draft)


def test_a_draft_waits_unseen_until_its_time(client, editor, draft):
    at = later(milliseconds=700)

    answer = put(editor, draft, publish_at=at).json["data"]

    assert (answer["status"], answer["live"]) == ("scheduled", None)
    assert answer["scheduled"]["visible_from"] == at
    before, after = around(at, lambda: (title_of(client, "one"), number_of_posts(client)))
    assert (before <= {(404, 0)}, after) == (True, ("Old", 1))
    assert client.get("/api/v1/posts/one").json["data"]["published_at"] == at
    assert editor.get(url(draft)).json["data"]["status"] == "published"


def test_a_live_post_changes_at_its_time_and_not_before(client, editor, live):
    retitled(editor, live, "New")

    at = later(milliseconds=700)
    put(editor, live, publish_at=at)

    before, after = around(at, lambda: title_of(client, "one"))
    assert (before <= {"Old"}, after) == (True, "New")
    state = editor.get(url(live)).json["data"]
    assert (state["has_unpublished_changes"], state["scheduled"]) == (False, None)


def test_a_slug_that_a_schedule_ends_redirects_from_its_end_on(client, editor, live):
    editor.patch(f"{MANAGE}/posts/{live['id']}", json={"slug": "two"}, headers=ANY)

    at = later(milliseconds=700)
    put(editor, live, publish_at=at)

    before, after = around(at, lambda: (title_of(client, "one"), title_of(client, "two")))
    assert (before <= {("Old", 404)}, after) == (True, (301, "Old"))
    answer = client.get("/api/v1/posts/one/comments")
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith("/posts/two/comments")


@pytest.mark.thorough
def test_a_post_ends_at_its_time(client, editor, draft):
    at = later(milliseconds=700)
    put(editor, draft, unpublish_at=at)

    before, after = around(at, lambda: (title_of(client, "one"), number_of_posts(client)))
    assert (before <= {("Old", 1)}, after) == (True, (404, 0))
    assert editor.get(url(draft)).json["data"]["status"] == "offline"


def test_what_has_begun_can_be_published_over(client, editor, live):
    retitled(editor, live, "Second")
    at = later(milliseconds=500)
    put(editor, live, publish_at=at)
    around(at, lambda: None)
    retitled(editor, live, "Third")

    answer = put(editor, live)

    assert answer.status_code == 200
    assert title_of(client, "one") == "Third"


def test_publishing_while_another_waits_must_say_what_gives_way(client, editor, live):
    put(editor, live, publish_at=later(hours=1), schedule="replace")
    retitled(editor, live, "New")

    refused = put(editor, live)

    assert (refused.status_code, refused.json["reason"]) == (409, "schedule_waiting")
    assert title_of(client, "one") == "Old"


def test_of_two_that_would_wait_one_must_give_way(editor, draft):
    put(editor, draft, publish_at=later(hours=1))

    refused = put(editor, draft, publish_at=later(hours=2), schedule="keep").json

    assert refused["reason"] == "schedule_waiting"
    assert "`replace`" in refused["detail"]
    assert "`keep`" not in refused["detail"]


def test_keep_ends_the_new_one_when_the_waiting_one_begins(client, editor, live):
    at = later(hours=1)
    put(editor, live, publish_at=at)
    retitled(editor, live, "Between")

    state = put(editor, live, schedule="keep").json["data"]

    assert title_of(client, "one") == "Between"
    assert (state["live"]["visible_until"], state["scheduled"]["visible_from"]) == (at, at)


def test_replace_drops_the_waiting_one(client, editor, live):
    put(editor, live, publish_at=later(hours=1))
    retitled(editor, live, "New")

    state = put(editor, live, schedule="replace").json["data"]

    assert title_of(client, "one") == "New"
    assert (state["live"]["visible_until"], state["scheduled"]) == (None, None)


def test_a_cancelled_schedule_counts_for_nothing(editor, draft):
    put(editor, draft, publish_at=later(hours=1))

    state = editor.delete(url(draft, "publication/scheduled"), headers=ANY).json["data"]

    assert state["cancelled"]["revision"] == 1
    assert (state["status"], state["published_at"], state["scheduled"]) == ("draft", None, None)


def test_cancelling_gives_the_live_one_its_own_end_back(editor, live):
    end = later(days=9)
    editor.patch(url(live), json={"unpublish_at": end}, headers=ANY)
    put(editor, live, publish_at=later(days=2))

    state = editor.delete(url(live, "publication/scheduled"), headers=ANY).json["data"]

    assert state["live"]["visible_until"] == end


def test_times_are_moved_without_touching_the_text(client, editor, draft):
    put(editor, draft, publish_at=later(hours=1))
    retitled(editor, draft, "Not this")

    soon = later(milliseconds=700)
    state = editor.patch(url(draft), json={"publish_at": soon}, headers=ANY).json["data"]

    assert state["scheduled"]["visible_from"] == state["published_at"] == soon
    around(soon, lambda: None)
    post = client.get("/api/v1/posts/one").json["data"]
    assert (post["title"], post["published_at"], post["updated_at"]) == ("Old", soon, soon)


def test_an_end_is_cleared_with_null(editor, live):
    editor.patch(url(live), json={"unpublish_at": later(hours=1)}, headers=ANY)

    state = editor.patch(url(live), json={"unpublish_at": None}, headers=ANY).json["data"]

    assert state["live"]["visible_until"] is None


def test_taking_offline_names_what_was_live_and_what_waited(client, editor, live):
    put(editor, live, publish_at=later(hours=1))

    state = editor.delete(url(live), headers=ANY).json["data"]

    assert state["taken_offline"]["revision"] == state["cancelled"]["revision"] == 1
    assert (state["status"], title_of(client, "one")) == ("offline", 404)


def test_the_calendar_lists_what_begins_or_ends_between(editor):
    begins = building.post(editor, title="Begins")
    put(editor, begins, publish_at="2030-05-02T00:00:00Z")
    ends = building.published_post(editor, title="Ends")
    editor.patch(url(ends), json={"unpublish_at": "2030-05-03T00:00:00Z"}, headers=ANY)
    building.published_post(editor, title="Neither")

    may = "2030-05-01T00:00:00Z,2030-06-01T00:00:00Z"
    found = editor.get(f"{MANAGE}/posts?scheduled_between={may}&sort=title").json["data"]

    assert [one["title"] for one in found] == ["Begins", "Ends"]
    assert found[0]["publish_at"] == "2030-05-02T00:00:00.000Z"
    assert found[1]["unpublish_at"] == "2030-05-03T00:00:00.000Z"


def test_a_faq_waits_like_a_post(client, editor):
    faq = building.faq(editor, slug="why")

    at = later(milliseconds=700)
    put(editor, faq, publish_at=at)

    before, after = around(at, lambda: client.get("/api/v1/faqs/why").status_code)
    assert (before <= {404}, after) == (True, 200)


WRONG = [
    ("PUT", {"publish_at": "2020-01-01T00:00:00Z"}, 422, "/publish_at"),
    ("PUT", {"published_at": "2500-01-01T00:00:00Z"}, 422, "/published_at"),
    ("PUT", {"unpublish_at": "2020-01-01T00:00:00Z"}, 422, "/unpublish_at"),
    (
        "PUT",
        {"publish_at": "2500-01-02T00:00:00Z", "unpublish_at": "2500-01-01T00:00:00Z"},
        422,
        "/unpublish_at",
    ),
    ("PUT", {"publish_at": "3001-01-01T00:00:00Z"}, 422, "/publish_at"),
    ("PUT", {"publish_at": "2500-01-01T00:00:00"}, 422, "/publish_at"),
    ("PUT", {"publish_at": "2500-01-01T00:00:00+24:00"}, 422, "/publish_at"),
    ("PUT", {"schedule": "maybe"}, 422, "/schedule"),
    ("PATCH", {"publish_at": "2500-01-01T00:00:00Z"}, 409, None),
    ("PATCH", {"unpublish_at": "2020-01-01T00:00:00Z"}, 422, "/unpublish_at"),
    ("PATCH", {"unpublish_at": "never"}, 422, "/unpublish_at"),
    ("PATCH", {"publish_at": None}, 422, "/publish_at"),
    ("PATCH", {}, 422, "/publish_at"),
]


@pytest.mark.threat("B9")
@pytest.mark.parametrize(("method", "body", "status", "pointer"), WRONG)
@pytest.mark.thorough
def test_a_time_that_can_not_be_is_refused(app, editor, live, method, body, status, pointer):
    before = contents(app)

    refused = editor.open(url(live), method=method, json=body, headers=ANY)

    assert refused.status_code == status, refused.json
    assert [fault["pointer"] for fault in refused.json["errors"]] == ([pointer] if pointer else [])
    assert contents(app) == before


def test_intervals_of_a_post_never_meet(app, editor, live):
    for number in range(3):
        retitled(editor, live, f"T{number}")
        put(editor, live)
        put(editor, live, publish_at=later(hours=1), schedule="replace")

    with app.app_context():
        rows = db.session.query(Publication).order_by(Publication.visible_from).all()
        spans = [(row.visible_from, row.visible_until) for row in rows]
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert parse_time(format_time(spans[0][0])) == spans[0][0]


class TestWhatIsSoAlready:
    @pytest.mark.parametrize(
        "plan", [{}, {"schedule": "keep"}, {"schedule": "replace"}, {"correction_note": ""}]
    )
    def test_publishing_it_changes_nothing(self, app, editor, plan):
        post = building.published_post(editor)
        before = contents(app)

        assert put(editor, post, **plan).status_code == 200

        assert contents(app) == before

    def test_keeping_what_waits_changes_nothing(self, app, editor):
        post = building.published_post(editor)
        put(editor, post, publish_at=later(days=1))
        before = contents(app)

        assert put(editor, post, schedule="keep").status_code == 200

        assert contents(app) == before

    @pytest.mark.parametrize("planned", [{}, {"unpublish_at": "2500-01-01T00:00:00Z"}])
    def test_the_same_end_changes_nothing(self, app, editor, planned):
        post = building.post(editor)
        put(editor, post, **planned)
        before, times = contents(app), planned or {"unpublish_at": None}

        answer = editor.patch(url(post), json=times, headers=ANY)

        assert answer.status_code == 200
        assert contents(app) == before

    def test_the_same_beginning_changes_nothing(self, app, editor):
        post, times = building.post(editor), {"publish_at": later(days=1)}
        put(editor, post, **times)
        before = contents(app)

        assert editor.patch(url(post), json=times, headers=ANY).status_code == 200

        assert contents(app) == before
