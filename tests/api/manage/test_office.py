"""The back office: the audit log, settings, and counts of what waits for somebody."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import AuditEvent
from cms.services import audit
from cms.times import parse_time
from cms.worker import Worker
from tests import building, commenting
from tests.building import ANY

LOG, SETTINGS, STATS = ("/api/v1/manage/" + name for name in ("audit-log", "settings", "stats"))
LATER = "2500-01-01T00:00:00Z"

ERASE, POSTS = "/api/v1/manage/privacy/erase", "/api/v1/manage/posts"
LONG_AGO = ("1970-01-01T00:00:00.000Z", "2019-12-31T23:59:59.999Z")


def line_of(app, object_id, at):
    """The id of a new line of the audit log that is as old as this."""
    with app.app_context(), transaction():
        db.session.add(event := AuditEvent(**audit.line(OPERATOR, "x.y", object_id, at)))
    return event.id


def lines(app):
    """The ids of all lines."""
    with app.app_context():
        return set(db.session.scalars(select(AuditEvent.id)))


class TestAuditLog:
    def test_it_says_who_did_what_to_what_and_by_which_proof(self, admin, editor):
        post = building.post(editor, title="Secret words")

        line = admin.get(f"{LOG}?object_id={post['id']}").json["data"][0]

        assert (line["action"], line["actor"]["id"]) == ("post.created", editor.user_id)
        assert line["via"].startswith("token:")
        assert "title" in line["fields"]
        assert "Secret words" not in admin.get(LOG).text

    def test_the_newest_comes_first_and_the_next_page_goes_on(self, admin, editor):
        made = [building.post(editor)["id"] for _ in range(3)]
        found, url = [], f"{LOG}?action=post.created&limit=2"
        while url:
            page = admin.get(url).json
            found += [line["object_id"] for line in page["data"]]
            url = page["links"]["next"]

        assert found == made[::-1]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("action=post.created", 1),
            ("action=post.created&action=tag.created", 2),
            ("via=reader", 0),
            ("after=2900-01-01T00:00:00Z", 0),
            ("before=2000-01-01T00:00:00Z", 0),
        ],
    )
    def test_it_is_filtered(self, admin, editor, query, expected):
        building.post(editor)
        building.tag(editor)

        assert admin.get(f"{LOG}?{query}&total=true").json["meta"]["total"] == expected

    def test_a_person_finds_what_another_did(self, admin, editor):
        building.post(editor)

        lines = admin.get(f"{LOG}?actor_id={editor.user_id}").json["data"]

        assert {line["actor"]["id"] for line in lines} == {editor.user_id}

    def test_a_line_can_not_be_rewritten(self, app, admin, editor):
        building.post(editor)

        with app.app_context(), pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text("UPDATE audit_log SET action = 'nothing'"))

    def test_its_lines_outlive_all_that_they_are_about(self, app, admin, client, editor):
        post = building.published_post(editor)
        commenting.leave(client, post, author_email="ann@example.org")
        old = [line_of(app, post["id"], parse_time(at)) for at in LONG_AGO]
        before = lines(app)

        admin.post(ERASE, json={"email": "ann@example.org"})
        admin.delete(f"{POSTS}/{post['id']}?permanent=true", headers=ANY)
        Worker(app).run_due()

        assert {*old} < before < lines(app)
        assert not AuditEvent.__table__.foreign_keys

    def test_its_oldest_lines_are_the_operators_to_delete(self, app, editor):
        post = building.post(editor)
        old = {line_of(app, post["id"], parse_time(at)) for at in LONG_AGO}
        before = lines(app)

        with app.app_context(), transaction():
            db.session.execute(text("DELETE FROM audit_log WHERE at < '2020-01-01T00:00:00.000Z'"))

        assert lines(app) == before - old

    def test_it_holds_no_readers_words(self, admin, client, editor):
        commenting.leave(client, building.published_post(editor), author_name="Canary Name")

        assert "Canary" not in admin.get(LOG).text


class TestSettings:
    def test_what_an_administrator_says_shows_at_the_next_read(self, admin, client):
        admin.patch(SETTINGS, json={"name": "Warm hands"}, headers=ANY)

        assert client.get("/api/v1/site").json["data"]["name"] == "Warm hands"

    def test_null_gives_back_what_the_environment_says(self, admin, client):
        before = client.get("/api/v1/site").json["data"]
        admin.patch(SETTINGS, json={"name": "Warm hands", "description": "X"}, headers=ANY)

        admin.patch(SETTINGS, json={"name": None, "description": None}, headers=ANY)

        assert client.get("/api/v1/site").json["data"] == before

    def test_a_stale_version_changes_nothing(self, admin, client):
        admin.patch(SETTINGS, json={"name": "First"}, headers=ANY)

        refused = admin.patch(SETTINGS, json={"name": "Second"}, headers={"If-Match": '"1"'})

        assert (refused.status_code, refused.json["reason"]) == (412, "stale_version")
        assert client.get("/api/v1/site").json["data"]["name"] == "First"

    @pytest.mark.parametrize("body", [{"name": ""}, {"logo_url": "javascript:x"}, {"color": "red"}])
    def test_what_can_not_be_is_refused(self, admin, body):
        assert admin.patch(SETTINGS, json=body, headers=ANY).status_code == 422


def test_the_counts_are_those_of_the_lists(editor, client):
    building.post(editor)
    live = building.published_post(editor)
    editor.patch(f"/api/v1/manage/posts/{live['id']}", json={"title": "New"}, headers=ANY)
    building.publish(editor, building.post(editor), publish_at=LATER)
    gone = building.published_post(editor)
    editor.delete(f"/api/v1/manage/posts/{gone['id']}/publication", headers=ANY)
    trashed = building.post(editor)
    editor.delete(f"/api/v1/manage/posts/{trashed['id']}", headers=ANY)
    building.published_faq(editor)
    commenting.leave(client, live)

    found = editor.get(STATS).json["data"]

    once = dict.fromkeys(["draft", "scheduled", "published", "offline", "trashed"], 1)
    assert found["posts"] == once | {"unpublished_changes": 1}
    for status in once:
        url = f"/api/v1/manage/posts?status={status}&total=true"
        assert editor.get(url).json["meta"]["total"] == 1, status
    assert (found["faqs"]["published"], found["comments"]["pending"]) == (1, 1)
    changed = editor.get("/api/v1/manage/posts?has_unpublished_changes=true").json["data"]
    assert [one["id"] for one in changed] == [live["id"]]
    rest = editor.get("/api/v1/manage/posts?has_unpublished_changes=false").json["data"]
    assert len(rest) == 3
    assert live["id"] not in [one["id"] for one in rest]


def test_who_may_not_read_comments_is_not_told_of_them(sign_in):
    reader = sign_in("viewer", scopes=["content:read"])

    assert "comments" not in reader.get(STATS).json["data"]
