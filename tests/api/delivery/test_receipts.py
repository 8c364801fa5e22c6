"""What a writer does with a comment by its receipt, and what nobody else can."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentEdit, CommentStatus, OutboxEvent, WordCount
from cms.services import comment_upkeep, receipts, screening
from cms.services.comment_form import HONEYPOT
from cms.times import utc_now
from tests import building
from tests.api.delivery.test_comments import ids, row
from tests.commenting import approved, by_receipt, moderate, send, thread, url_of
from tests.content.hostile import HOSTILE, violations


def given(client, post, **fields):
    """What the writer of a new comment is given."""
    answer = send(client, post, **fields)
    assert answer.status_code == 202, answer.json
    return answer.json["data"]


def public(client, moderator, post, **fields):
    own = given(client, post, **fields)
    assert moderate(moderator, own["id"], status="approved").status_code == 200
    return own


def age(app, own, minutes):
    with app.app_context(), transaction():
        comment = db.session.get_one(Comment, own["id"])
        comment.created_at -= timedelta(minutes=minutes)


def said(client, post):
    return [one["body"]["text"] for one in thread(client, post)["data"]]


def bad_words(app):
    with app.app_context():
        query = select(WordCount.word, WordCount.bad).where(WordCount.bad > 0)
        return dict(db.session.execute(query.order_by(WordCount.word)).all())


def managed(moderator, own):
    return moderator.get(f"/api/v1/manage/comments/{own['id']}").json["data"]


class TestSeeing:
    def test_a_writer_follows_a_comment_and_never_learns_that_it_is_spam(
        self, client, moderator, post
    ):
        own = given(client, post, body="Hello")
        spam = given(client, post, **{HONEYPOT: "buy"})
        seen = by_receipt(client, "GET", own)
        shown = seen.json["data"]
        assert (shown["status"], shown["body"]["source"]) == ("pending", "Hello")
        assert (shown["is_editable"], shown["editable_until"], shown["edit"]) == (True, None, None)
        assert "no-store" in seen.headers["Cache-Control"]
        of_spam = by_receipt(client, "GET", spam).json["data"]
        assert {**of_spam, "id": 0, "body": 0, "created_at": 0} == {
            **shown,
            "id": 0,
            "body": 0,
            "created_at": 0,
        }
        moderate(moderator, own["id"], status="approved")
        shown = by_receipt(client, "GET", own).json["data"]
        assert (shown["status"], shown["editable_until"] > shown["created_at"]) == (
            "approved",
            True,
        )
        moderate(moderator, own["id"], status="rejected")
        shown = by_receipt(client, "GET", own).json["data"]
        assert (shown["status"], shown["is_editable"]) == ("rejected", False)

    @pytest.mark.usefixtures("unlimited")
    def test_no_other_receipt_is_good(self, app, client, moderator, editor, post):
        own, other = given(client, post), given(client, post)
        secret = own["receipt"]
        wrong = [other["receipt"], secret[:-1], f"{secret}x", "", "x", "cms_r_", "é" * 50]
        wrong += [f"{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}", secret.upper()]
        for method, body in (("GET", {}), ("PATCH", {"body": "Mine"}), ("DELETE", {})):
            for one in wrong:
                answer = by_receipt(client, method, own | {"receipt": one}, **body)
                assert (answer.status_code, answer.json["reason"]) == (401, "bad_receipt"), one
                assert answer.headers["WWW-Authenticate"].startswith("Receipt")
            url = f"/api/v1/comments/{own['id']}/receipt"
            assert client.open(url, method=method, json=body or None).status_code == 401
            assert editor.open(url, method=method, json=body or None).status_code == 401
        assert row(app, own["id"]).status is CommentStatus.PENDING
        assert row(app, own["id"]).source != "Mine"

    def test_a_receipt_opens_nothing_else(self, client, post):
        own = given(client, post)
        headers = {"Authorization": f"Receipt {own['receipt']}"}
        for url in (url_of(post), "/api/v1/manage/comments", "/api/v1/auth/me"):
            assert client.get(url, headers=headers).status_code == 401

    def test_a_receipt_of_what_has_gone_shows_nothing(self, app, client):
        with app.app_context():
            gone = {"id": building.NOWHERE, "receipt": receipts.of(building.NOWHERE)}
        for method, body in (("GET", {}), ("PATCH", {"body": "x"}), ("DELETE", {})):
            assert by_receipt(client, method, gone, **body).status_code == 404

    def test_any_origin_may_use_it(self, client):
        url = f"/api/v1/comments/{building.NOWHERE}/receipt"
        headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "PATCH"}
        allowed = client.options(url, headers=headers).headers
        assert allowed["Access-Control-Allow-Origin"] == "*"
        assert "Authorization" in allowed["Access-Control-Allow-Headers"]
        assert "DELETE" in allowed["Access-Control-Allow-Methods"]


class TestEditing:
    def test_what_waits_is_replaced_and_judged_again(self, app, client, moderator, post):
        own = given(client, post, body="Frist")
        before = managed(moderator, own)["version"]
        answer = by_receipt(client, "PATCH", own, body="First")
        assert (answer.status_code, answer.json["data"]["body"]["source"]) == (200, "First")
        seen = managed(moderator, own)
        assert (seen["body"]["source"], seen["status"]) == ("First", "pending")
        assert (seen["version"], seen["edit"]) == (before + 1, None)
        stale = {"If-Match": f'"{before}"'}
        url = f"/api/v1/manage/comments/{own['id']}"
        assert moderator.patch(url, json={"status": "approved"}, headers=stale).status_code == 412

    def test_spam_stays_spam_whatever_it_says_later(self, app, client, post):
        own = given(client, post, **{HONEYPOT: "buy"})
        answer = by_receipt(client, "PATCH", own, body="Innocent words")
        assert (answer.status_code, answer.json["data"]["status"]) == (200, "pending")
        assert row(app, own["id"]).status is CommentStatus.SPAM

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    def test_no_writer_takes_back_what_a_moderator_found_bad(
        self, app, client, moderator, post, method
    ):
        own = given(client, post, body="cheap pills")
        moderate(moderator, own["id"], status="spam")
        taught = bad_words(app)
        changes = {"body": "Innocent words"} if method == "PATCH" else {}
        assert by_receipt(client, method, own, **changes).status_code in {200, 204}

        assert (len(taught), bad_words(app)) == (3, taught)

    def test_edited_spam_goes_when_its_time_has_come(self, app, client, moderator, post):
        own = given(client, post)
        moderate(moderator, own["id"], status="spam")
        with app.app_context(), transaction():
            comment = db.session.get_one(Comment, own["id"])
            comment.created_at = comment.updated_at = utc_now() - timedelta(days=400)
        assert by_receipt(client, "PATCH", own, body="Still here").status_code == 200

        with app.app_context(), transaction():
            assert comment_upkeep.purge(utc_now()) == 1

    @pytest.mark.parametrize("status", ["pending", "approved"])
    def test_no_edit_makes_a_comment_less_urgent(self, client, moderator, post, status):
        said = ["I want to die", "It is a side effect"]
        for first, then in (said, said[::-1]):
            own = given(client, post, body=first)
            moderate(moderator, own["id"], status=status)
            by_receipt(client, "PATCH", own, body=then)
            assert managed(moderator, own)["flag"] == "crisis", first

    @pytest.mark.parametrize("decision", ["accept", "refuse"])
    def test_approved_text_stays_until_somebody_decides(self, client, moderator, post, decision):
        own = public(client, moderator, post, body="Before")
        answer = by_receipt(client, "PATCH", own, body="After")
        assert (answer.status_code, answer.json["data"]["edit"]["body"]["text"]) == (200, "After")
        assert said(client, post) == ["Before"]
        queue = moderator.get("/api/v1/manage/comments?has_edit=true").json["data"]
        assert ids({"data": queue}) == [own["id"]]
        assert (queue[0]["edit"]["body"]["source"], bool(queue[0]["edit"]["verdicts"])) == (
            "After",
            True,
        )
        decided = moderate(moderator, own["id"], edit=decision)
        assert (decided.status_code, decided.json["data"]["edit"]) == (200, None)
        (shown,) = thread(client, post)["data"]
        assert shown["body"]["text"] == ("After" if decision == "accept" else "Before")
        assert (shown["edited_at"] is not None) == (decision == "accept")
        again = moderate(moderator, own["id"], edit=decision)
        assert (again.status_code, again.json["reason"]) == (409, "no_comment_edit")

    def test_an_edit_that_passes_every_check_shows_at_once(
        self, client, moderator, post, monkeypatch
    ):
        own = public(client, moderator, post, body="Before")
        passing = [one for one in screening.CHECKS if one.__name__ != "writer_is_known"]
        monkeypatch.setattr(screening, "CHECKS", passing)
        known = {"If-None-Match": client.get(url_of(post)).headers["ETag"]}
        assert by_receipt(client, "PATCH", own, body="After").status_code == 200
        assert client.get(url_of(post), headers=known).status_code == 200
        assert said(client, post) == ["After"]

    def test_an_edit_can_be_taken_back(self, app, client, moderator, post):
        own = public(client, moderator, post, body="Before")
        for body in ("After", "Before"):
            answer = by_receipt(client, "PATCH", own, body=body)
        assert answer.json["data"]["edit"] is None
        with app.app_context():
            assert db.session.scalars(select(CommentEdit)).all() == []

    def test_after_a_quarter_of_an_hour_only_what_waits_is_edited(
        self, app, client, moderator, post
    ):
        own, waits = public(client, moderator, post), given(client, post)
        for one in (own, waits):
            age(app, one, 16)
        late = by_receipt(client, "PATCH", own, body="Late")
        assert (late.status_code, late.json["reason"]) == (409, "comment_not_editable")
        assert by_receipt(client, "PATCH", waits, body="Late").status_code == 200

    @pytest.mark.usefixtures("unlimited")
    def test_only_words_that_a_comment_may_have_are_taken(self, app, client, post):
        own = given(client, post)
        for body in (
            {"body": ""},
            {"body": " \u200b"},
            {"body": None},
            {"body": "x" * 5001},
            {"x": 1},
        ):
            assert by_receipt(client, "PATCH", own, **body).status_code == 422
        for field in ("status", "author_name", "id", "is_staff", "created_at", "post_id"):
            answer = by_receipt(client, "PATCH", own, body="x", **{field: "approved"})
            assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{field}")
        other = given(client, post, body="The same", author_email="a@example.org")
        mine = given(client, post, body="Another", author_email="a@example.org")
        same = by_receipt(client, "PATCH", mine, body="the  same")
        assert (same.status_code, same.json["reason"]) == (409, "duplicate_comment"), other

    @pytest.mark.threat("B1")
    @pytest.mark.usefixtures("unlimited")
    @pytest.mark.thorough
    def test_no_edit_becomes_markup(self, client, moderator, post):
        own = public(client, moderator, post)
        for text in HOSTILE:
            if not text.isprintable() or not text.isascii():
                continue
            assert by_receipt(client, "PATCH", own, body=text).status_code == 200, text
            assert moderate(moderator, own["id"], edit="accept").status_code == 200
            (shown,) = thread(client, post)["data"]
            assert violations(shown["body"]["html"]) == [], text


class TestWithdrawing:
    SECRETS = ("secret@example.org", "Secretive", "secret.example", "Something secret")

    def test_it_ends_at_once_and_nothing_personal_is_kept(self, app, client, moderator, post):
        email, name, url, body = self.SECRETS
        fields = {"author_email": email, "author_name": name, "body": body}
        own = public(client, moderator, post, author_url=f"https://{url}", **fields)
        reply = approved(moderator, post, parent_id=own["id"])
        by_receipt(client, "PATCH", own, body=f"{body}!")

        assert by_receipt(client, "DELETE", own).status_code == 204

        (place,) = thread(client, post)["data"]
        assert (place["removed"], place["withdrawn"], place["author"]["name"]) == (True, True, None)
        assert (ids({"data": place["replies"]}), thread(client, post)["meta"]["total"]) == (
            [reply],
            1,
        )
        kept = row(app, own["id"])
        told = " ".join(str(value) for value in vars(kept).values())
        assert not any(secret in told for secret in self.SECRETS)
        assert (kept.network, kept.user_agent) == (None, None)
        with app.app_context():
            assert db.session.scalars(select(CommentEdit)).all() == []
            events = db.session.scalars(select(OutboxEvent.type)).all()
        assert "comment.withdrawn" in events
        for method, more in (("GET", {}), ("PATCH", {"body": "x"}), ("DELETE", {})):
            assert by_receipt(client, method, own, **more).status_code == 404
        answer = moderate(moderator, own["id"], status="pending")
        assert (answer.status_code, answer.json["reason"]) == (409, "comment_withdrawn")
        assert send(client, post, parent_id=own["id"]).status_code == 422

    @pytest.mark.parametrize("state", ["pending", "spam", "rejected", "trashed"])
    def test_it_can_be_taken_back_in_any_state(self, client, moderator, post, state):
        own = public(client, moderator, post)
        moderate(moderator, own["id"], status=state)
        assert by_receipt(client, "DELETE", own).status_code == 204
        assert managed(moderator, own)["author"]["email"] == ""
        assert managed(moderator, own)["withdrawn_at"] is not None

    def test_a_closed_thread_and_an_offline_post_keep_nobody_from_it(
        self, client, editor, moderator, post
    ):
        own = public(client, moderator, post)
        editor.delete(f"/api/v1/manage/posts/{post['id']}/publication", headers=building.ANY)
        assert by_receipt(client, "GET", own).status_code == 200
        assert by_receipt(client, "DELETE", own).status_code == 204


class TestBeingKnown:
    def test_only_an_approved_comment_of_the_same_email_makes_known(
        self, app, client, moderator, post
    ):
        own = public(client, moderator, post, author_email="ann@example.org")
        waits = given(client, post, author_email="ann@example.org")
        cases = [
            ("Ann@example.org", own["receipt"], own["id"]),
            ("bob@example.org", own["receipt"], None),
            ("ann@example.org", waits["receipt"], None),
            ("ann@example.org", f"{own['receipt'][:-2]}xx", None),
            ("ann@example.org", "nonsense", None),
            ("ann@example.org", None, None),
        ]
        for email, receipt, known_by in cases:
            new = given(client, post, author_email=email, receipt=receipt)
            assert row(app, new["id"]).known_by == known_by, (email, receipt)
            assert managed(moderator, new)["known_by"] == known_by

    def test_a_chain_of_receipts_makes_known_from_what_is_approved_on(
        self, app, client, moderator, post
    ):
        chain = [given(client, post, author_email="ann@example.org")]
        for _ in range(2):
            before = chain[-1]["receipt"]
            chain.append(given(client, post, author_email="ann@example.org", receipt=before))
        assert [row(app, one["id"]).known_by for one in chain] == [None] * 3

        moderate(moderator, chain[1]["id"], status="approved")
        for one, known_by in zip(chain, [None, chain[1]["id"], None], strict=True):
            new = given(client, post, author_email="ann@example.org", receipt=one["receipt"])
            assert row(app, new["id"]).known_by == known_by
