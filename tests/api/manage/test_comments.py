"""The queue: who sees what of it, what it can be searched by, and how a comment is moderated."""

import pytest
from sqlalchemy import event, select

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment
from cms.services import comment_edits
from cms.times import utc_now
from tests import building
from tests.building import ANY
from tests.commenting import approved, insert_approved, leave, moderate, thread

URL = "/api/v1/manage/comments"
ROLES = ["viewer", "author", "moderator", "editor", "admin"]
TRUSTED = {"moderator", "editor", "admin"}
REFUSED = [{"status": "live"}, {"status": None}, {"status": 1}, {"note": "x" * 501}, {"note": 1}]
REFUSED += [{"shown": True}, {"is_staff": True}, {"email": "a@b.org"}, {"body": "x"}]


def found(who, query=""):
    answer = who.get(URL + query)
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["data"]]


class TestQueue:
    def test_a_comment_is_shown_whole(self, client, moderator, post):
        comment_id = leave(client, post, author_name="Ann", author_email="a@b.org", body="Hi")
        (one,) = moderator.get(URL).json["data"]
        assert one.pop("created_at") == one.pop("updated_at")
        assert {verdict["check"] for verdict in one.pop("verdicts")} >= {"form_was_used"}
        author = {"name": "Ann", "email": "a@b.org", "url": None, "is_staff": False}
        assert one == {
            "id": comment_id,
            "status": "pending",
            "author": author | {"network": "127.0.0.0/24"},
            "post": {"id": post["id"], "slug": post["slug"], "title": post["title"]},
            "parent_id": None,
            "body": {"source": "Hi", "html": "<p>Hi</p>", "text": "Hi"},
            "note": None,
            "edit": None,
            "flag": None,
            "redacted": None,
            "known_by": None,
            "withdrawn_at": None,
            "consent": None,
            "moved": None,
            "faq_id": None,
            "version": 1,
            "edited_at": None,
        }

    def test_the_longest_waiting_comes_first_unless_asked_otherwise(self, client, moderator, post):
        made = [leave(client, post) for _ in range(3)]
        assert found(moderator) == made
        assert found(moderator, "?sort=-created_at") == made[::-1]

    def test_pages_are_counted_and_follow_each_other(self, client, moderator, post):
        made = [leave(client, post) for _ in range(3)]
        page = moderator.get(f"{URL}?limit=2&total=true").json
        following = moderator.get(page["links"]["next"]).json
        assert page["meta"]["total"] == 3
        assert [one["id"] for one in page["data"] + following["data"]] == made
        cursor = page["meta"]["next_cursor"]
        assert moderator.get(f"{URL}?status=spam&cursor={cursor}").status_code == 400

    def test_it_can_be_narrowed_by_status(self, client, moderator, post):
        waiting, spam = leave(client, post), leave(client, post)
        moderate(moderator, spam, status="spam")
        assert found(moderator, "?status=pending") == [waiting]
        assert found(moderator, "?status=spam") == [spam]
        assert found(moderator, "?status=spam&status=pending") == [waiting, spam]

    def test_it_can_be_narrowed_by_post(self, client, editor, moderator, post):
        here = leave(client, post)
        leave(client, building.published_post(editor))
        assert found(moderator, f"?post={post['id']}") == [here]
        assert found(moderator, f"?post={post['slug']}") == [here]
        assert found(moderator, "?post=no-such-post") == []

    def test_it_can_be_narrowed_by_email(self, client, moderator, post):
        ann = leave(client, post, author_email="ann@example.org")
        leave(client, post, author_email="joann@example.org")
        assert found(moderator, "?email=ANN@example.org") == [ann]
        assert found(moderator, "?email=ann") == []

    def test_words_are_sought_in_name_and_comment(self, client, moderator, post):
        one = leave(client, post, author_name="Ann", body="A question about fatigue")
        leave(client, post, author_name="Bob", body="Thanks")
        assert found(moderator, "?q=ANN+fatigue") == [one]
        assert found(moderator, "?q=ann+thanks") == []

    @pytest.mark.threat("B5")
    def test_a_wildcard_stands_for_itself(self, client, moderator, post):
        percent = leave(client, post, body="100% better")
        underscore = leave(client, post, body="snake_case")
        assert found(moderator, "?q=%25") == [percent]
        assert found(moderator, "?q=_") == [underscore]
        assert found(moderator, "?q=/") == []

    @pytest.mark.parametrize(
        "query",
        ["status=live", "status=", "sort=email", "sort=network", "network=x", "q=", "limit=101"],
    )
    def test_what_can_not_be_asked_is_refused_by_name(self, moderator, query):
        answer = moderator.get(f"{URL}?{query}")
        assert answer.status_code == 400
        assert answer.json["errors"][0]["pointer"].startswith(query.partition("=")[0])

    def test_a_page_costs_the_same_statements_whatever_its_size(self, app, moderator, post):
        seen = []
        with app.app_context():
            engine = db.engine
            insert_approved(post["id"], 1)
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        moderator.get(URL)
        one = len(seen)
        with app.app_context():
            insert_approved(post["id"], 9)
        del seen[:]
        moderator.get(URL)
        assert len(seen) == one

    def test_it_is_never_stored(self, moderator):
        assert moderator.get(URL).headers["Cache-Control"] == "private, no-store"


@pytest.mark.threat("A1")
class TestContact:
    @pytest.mark.parametrize("role", ROLES)
    def test_only_who_moderates_sees_where_a_comment_came_from(self, client, sign_in, post, role):
        comment_id = leave(client, post)
        who = sign_in(role)
        for one in (who.get(URL).json["data"][0], who.get(f"{URL}/{comment_id}").json["data"]):
            contact = {"email", "network"} if role in TRUSTED else set()
            assert set(one["author"]) == {"name", "url", "is_staff"} | contact

    @pytest.mark.parametrize("role", ROLES)
    def test_a_verdict_tells_nobody_else_either(self, app, admin, client, sign_in, post, role):
        rules = {"blocked_networks": ["127.0.0.0/8"]}
        admin.put("/api/v1/manage/comment-rules", json=rules, headers=ANY)
        comment_id = leave(client, post)
        with app.app_context(), transaction():
            (asked,) = db.session.scalars(select(Comment.verdicts)).all()
            text = {"source": "", "html": "", "text": "", "fingerprint": ""}
            comment_edits.propose(comment_id, text, asked, utc_now())

        seen = sign_in(role).get(f"{URL}/{comment_id}")

        assert seen.json["data"]["verdicts"] == seen.json["data"]["edit"]["verdicts"]
        assert "It comes from a blocked network" in seen.text
        assert ("127.0.0.0" in seen.text) == (role in TRUSTED)

    @pytest.mark.parametrize("role", sorted(set(ROLES) - TRUSTED))
    def test_others_can_not_search_by_it_either(self, client, sign_in, post, role):
        leave(client, post, author_email="ann@secret.example.org")
        who = sign_in(role)
        answer = who.get(f"{URL}?email=ann@secret.example.org")
        assert (answer.status_code, answer.json["reason"]) == (403, "comment_read_contact")
        assert found(who, "?q=secret.example") == []
        assert found(who, "?q=127.0.0") == []

    def test_nobody_is_found_by_contact_through_words(self, client, moderator, post):
        leave(client, post, author_email="ann@secret.example.org")
        assert found(moderator, "?q=secret.example") == []

    def test_a_token_without_the_scope_sees_nothing(self, client, sign_in, post):
        comment_id = leave(client, post)
        who = sign_in("moderator", scopes=["content:read"])
        for answer in (
            who.get(URL),
            who.get(f"{URL}/{comment_id}"),
            moderate(who, comment_id, status="approved"),
        ):
            assert answer.status_code == 403

    def test_a_stranger_is_sent_to_sign_in(self, client, post):
        comment_id = leave(client, post)
        for answer in (
            client.get(URL),
            client.get(f"{URL}/{comment_id}"),
            client.patch(f"{URL}/{comment_id}", json={"status": "approved"}, headers=ANY),
        ):
            assert answer.status_code == 401


class TestModeration:
    def test_an_approved_comment_is_public_at_once(self, client, moderator, post):
        comment_id = leave(client, post)
        answer = moderate(moderator, comment_id, status="approved")
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        assert (answer.json["data"]["status"], answer.json["data"]["version"]) == ("approved", 2)
        assert [one["id"] for one in thread(client, post)["data"]] == [comment_id]

    def test_a_note_can_be_left_and_taken_away(self, client, moderator, post):
        comment_id = leave(client, post)
        notes = [
            moderate(moderator, comment_id, note=note).json["data"]["note"]
            for note in ("Ask Ann", None)
        ]
        assert notes == ["Ask Ann", None]

    def test_asking_for_what_is_changes_nothing(self, client, moderator, post):
        comment_id = leave(client, post)
        for changes in ({}, {"status": "pending"}, {"note": None}):
            assert moderate(moderator, comment_id, **changes).json["data"]["version"] == 1

    def test_a_change_needs_the_version_it_is_based_on(self, client, moderator, post):
        url = f"{URL}/{leave(client, post)}"
        change, first = {"status": "approved"}, moderator.get(url).headers["ETag"]
        assert moderator.patch(url, json=change).status_code == 428
        assert moderator.patch(url, json=change, headers={"If-Match": first}).status_code == 200
        stale = moderator.patch(url, json={"status": "spam"}, headers={"If-Match": first})
        assert (stale.status_code, stale.json["version"]) == (412, 2)

    def test_a_move_that_is_not_in_the_table_is_a_conflict(self, moderator, post):
        comment_id = approved(moderator, post)
        moderate(moderator, comment_id, status="trashed")
        answer = moderate(moderator, comment_id, status="approved")
        assert (answer.status_code, answer.json["reason"]) == (409, "comment_transition")

    @pytest.mark.parametrize("role", ROLES)
    def test_only_who_moderates_may(self, client, sign_in, post, role):
        answer = moderate(sign_in(role), leave(client, post), status="approved")
        assert answer.status_code == (200 if role in TRUSTED else 403)
        assert len(thread(client, post)["data"]) == (1 if role in TRUSTED else 0)

    @pytest.mark.parametrize("changes", REFUSED)
    @pytest.mark.thorough
    def test_nothing_else_can_be_changed(self, client, moderator, post, changes):
        comment_id = leave(client, post)
        answer = moderate(moderator, comment_id, **changes)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == f"/{next(iter(changes))}"
        assert moderator.get(f"{URL}/{comment_id}").json["data"]["version"] == 1

    def test_an_unknown_comment_is_missing(self, moderator):
        unknown = "01890000-0000-7000-8000-000000000000"
        assert moderator.get(f"{URL}/{unknown}").status_code == 404
        assert moderate(moderator, unknown, status="approved").status_code == 404
        assert moderator.get(f"{URL}/7").status_code == 404
