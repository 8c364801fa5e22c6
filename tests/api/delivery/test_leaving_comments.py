"""How a reader leaves a comment, once, and what is refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.services.comment_form import HONEYPOT
from tests import building
from tests.building import ANY
from tests.commenting import approved, leave, moderate, send, thread, url_of, words

NOT_THEIRS = "status is_staff post_id id created_at edited_at approved shown network user_agent"
NOT_THEIRS += " verdicts depth root_id note role version name email url html source known_by"
NOT_THEIRS += " fingerprint honeypot"


def row(app, comment_id):
    with app.app_context():
        return db.session.get_one(Comment, comment_id)


def number_of_comments(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Comment))


class TestForm:
    def test_the_form_is_never_stored(self, client, post):
        answer = client.get(f"/api/v1/posts/{post['slug']}/comment-form")
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.json["data"]["open"] is True
        fields = [field["name"] for field in answer.json["data"]["fields"]]
        assert fields == ["author_name", "author_email", "author_url", "body"]

    def test_a_form_sent_at_once_is_held_and_says_why(self, app, client, post):
        form = client.get(f"/api/v1/posts/{post['slug']}/comment-form").json["data"]
        held = row(app, leave(client, post, form_token=form["form_token"]))
        assert held.status is CommentStatus.PENDING
        assert "two seconds" in str(held.verdicts)

    def test_closed_comments_are_said_and_kept_closed(self, client, editor, moderator, post):
        approved(moderator, post)
        url = f"/api/v1/manage/posts/{post['id']}"
        editor.patch(url, json={"comments_open": False}, headers=ANY)
        form = client.get(f"/api/v1/posts/{post['slug']}/comment-form")
        answer = send(client, post)
        assert form.json["data"]["open"] is False
        assert (answer.status_code, answer.json["reason"]) == (403, "comments_closed")
        assert len(thread(client, post)["data"]) == 1


class TestLeaving:
    def test_a_comment_is_taken_and_waits(self, app, client, post):
        answer = send(client, post, author_email=" Ann@Example.ORG ")
        data = answer.json["data"]
        assert answer.status_code == 202
        assert set(data) == {"id", "status", "receipt"}
        assert (data["status"], data["receipt"][:6]) == ("pending", "cms_r_")
        assert "no-store" in answer.headers["Cache-Control"]
        kept = row(app, data["id"])
        assert (kept.email, kept.network) == ("ann@example.org", "127.0.0.0/24")

    @pytest.mark.usefixtures("unlimited")
    @pytest.mark.parametrize("field", ["author_name", "author_email", "body"])
    @pytest.mark.parametrize("value", ["", "  ", "\u200b\u2060", None, 7, ["x"], {}])
    @pytest.mark.thorough
    def test_what_is_required_must_be_there(self, client, post, field, value):
        answer = send(client, post, **{field: value})
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json["errors"]] == [f"/{field}"]

    def test_every_fault_is_named_at_once(self, client, post):
        answer = client.post(url_of(post), json={"author_url": "javascript:alert(1)"})
        pointers = {fault["pointer"] for fault in answer.json["errors"]}
        assert pointers == {"/author_name", "/author_email", "/body", "/author_url"}

    @pytest.mark.parametrize("longest", [("author_name", 80), ("body", 5000), ("author_url", 500)])
    def test_a_field_has_a_longest_length(self, client, post, longest):
        field, length = longest
        start = "https://x.org/" if field == "author_url" else ""
        assert send(client, post, **{field: start.ljust(length, "x")}).status_code == 202
        assert send(client, post, **{field: start.ljust(length + 1, "x")}).status_code == 422

    @pytest.mark.parametrize(
        "email", ["x", "a@b", "a@b@c.org", "Ann <a@b.org>", "a" * 300 + "@b.org"]
    )
    def test_an_email_must_be_one(self, client, post, email):
        assert send(client, post, author_email=email).status_code == 422

    @pytest.mark.parametrize("empty", [None, "", " "])
    def test_a_website_may_be_missing(self, app, client, post, empty):
        assert row(app, leave(client, post, author_url=empty)).url is None

    @pytest.mark.threat("A5")
    @pytest.mark.usefixtures("unlimited")
    @pytest.mark.parametrize("field", NOT_THEIRS.split())
    @pytest.mark.thorough
    def test_nothing_else_can_be_set(self, app, client, post, field):
        answer = send(client, post, **{field: "approved"})
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == f"/{field}"
        assert number_of_comments(app) == 0

    def test_a_filled_honeypot_is_spam_and_the_sender_does_not_learn_it(self, app, client, post):
        answer = send(client, post, **{HONEYPOT: "buy"})
        assert (answer.status_code, answer.json["data"]["status"]) == (202, "pending")
        assert row(app, answer.json["data"]["id"]).status is CommentStatus.SPAM

    def test_the_same_words_of_the_same_reader_are_kept_once(self, client, editor, post):
        said = {"author_email": "a@example.org", "body": "Thank  you"}
        again = {"author_email": "A@example.org", "body": "thank you "}
        assert send(client, post, **said).status_code == 202
        answer = send(client, post, **again)
        assert (answer.status_code, answer.json["reason"]) == (409, "duplicate_comment")
        assert send(client, building.published_post(editor), **again).status_code == 202

    @pytest.mark.parametrize("parent", ["unknown", "waiting", "elsewhere", "hidden"])
    @pytest.mark.thorough
    def test_only_what_readers_see_can_be_answered(self, client, editor, moderator, post, parent):
        other = building.published_post(editor)
        ids = {"unknown": "01890000-0000-7000-8000-000000000000"}
        ids |= {"waiting": leave(client, post), "elsewhere": approved(moderator, other)}
        ids["hidden"] = approved(moderator, post)
        approved(moderator, post, parent_id=ids["hidden"])
        moderate(moderator, ids["hidden"], status="trashed")
        answer = send(client, post, parent_id=ids[parent])
        assert (answer.status_code, answer.json["reason"]) == (422, "unknown_parent")
        assert answer.json["errors"][0]["pointer"] == "/parent_id"

    def test_too_many_in_a_minute_are_refused_for_a_while(self, client, post):
        answers = [send(client, post) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [202] * 10 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0

    def test_attempts_that_fail_count_too(self, client, post):
        for _ in range(10):
            send(client, post, author_email="same@example.org", body="The same")
        assert send(client, post).status_code == 429

    def test_the_contract_names_all_of_it(self, client):
        described = client.get("/api/v1/openapi.json").json["paths"]
        operation = described["/api/v1/posts/{slug}/comments"]["post"]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert names == {"locale", "Idempotency-Key"}
        assert {"202", "308", "403", "404", "409", "422", "429"} <= set(operation["responses"])


@pytest.mark.threat("B18")
class TestIdempotency:
    def test_the_same_request_gets_the_first_answer_again(self, app, client, post):
        first, again = (send(client, post, key="k", **words(body="Hi", author_email="a@b.org"))
                        for _ in range(2))  # fmt: skip
        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json == again.json
        assert number_of_comments(app) == 1

    def test_the_first_answer_stays_when_the_comment_has_moved_on(self, client, moderator, post):
        said = words()
        first = send(client, post, key="k", **said)
        moderate(moderator, first.json["data"]["id"], status="approved")
        assert send(client, post, key="k", **said).json == first.json

    def test_other_words_with_the_same_key_are_refused(self, app, client, post):
        said = words()
        send(client, post, key="k", **said)
        answer = send(client, post, key="k", **said | {"body": "Other words"})
        assert (answer.status_code, answer.json["reason"]) == (422, "idempotency_key_reused")
        assert number_of_comments(app) == 1

    def test_a_key_belongs_to_one_post(self, client, editor, post):
        other, said = building.published_post(editor), words()
        first, second = (send(client, one, key="k", **said) for one in (post, other))
        assert first.json["data"]["id"] != second.json["data"]["id"]

    def test_a_refused_request_leaves_its_key_free(self, client, post):
        assert send(client, post, key="k", parent_id=post["id"]).status_code == 422
        assert send(client, post, key="k").status_code == 202

    @pytest.mark.parametrize("key", ["x" * 256, "two words", "é", " "])
    def test_a_key_is_short_and_visible(self, client, post, key):
        headers = {"Idempotency-Key": key}
        answer = client.post(url_of(post), json=words(), headers=headers)
        assert (answer.status_code, answer.json["reason"]) == (400, "bad_idempotency_key")

    @pytest.mark.usefixtures("unlimited")
    def test_fifty_at_once_make_one_comment(self, app, post):
        said = words()
        with ThreadPoolExecutor(50) as pool:
            answers = list(
                pool.map(lambda _: send(app.test_client(), post, key="k", **said), range(50))
            )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.data for answer in answers}) == 1
        assert number_of_comments(app) == 1

    @pytest.mark.usefixtures("unlimited")
    def test_twenty_at_once_without_a_key_make_one_too(self, app, post):
        said = words()
        with ThreadPoolExecutor(20) as pool:
            answers = pool.map(lambda _: send(app.test_client(), post, **said), range(20))
        assert sorted(one.status_code for one in answers) == [202] + [409] * 19
        assert number_of_comments(app) == 1

    @pytest.mark.thorough
    def test_tells_another_network_nothing(self, client, post):
        said = words(author_email="secret@example.org")
        guess = words(author_email="guess@example.org")
        first = send_from(client, post, "192.0.2.1", said)

        again = send_from(client, post, "198.51.100.1", said)
        wrong = send_from(client, post, "203.0.113.1", guess)

        assert send_from(client, post, "192.0.2.77", said).json == first.json
        assert (again.status_code, wrong.status_code) == (202, 202)
        assert again.json["data"]["id"] != first.json["data"]["id"]


def send_from(client, post, address, said):
    """What somebody sends from an address, always with the same key."""
    with client.application.app_context():
        return client.post(
            url_of(post),
            json=said,
            headers={"Idempotency-Key": "k"},
            environ_base={"REMOTE_ADDR": address},
        )
