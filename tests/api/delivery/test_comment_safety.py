"""What no answer about comments may hold, and who may not have one."""

import base64
import hashlib

import orjson
import pytest
from sqlalchemy import select

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.services import moderating
from tests import building
from tests.api.delivery.reading import joined
from tests.building import ANY
from tests.commenting import approved, moderate, send, thread, url_of, words
from tests.content.hostile import HOSTILE, violations

pytestmark = pytest.mark.thorough

SENDABLE = [text for text in HOSTILE if text.isprintable() and text.isascii()]


def approve_all(app):
    with app.app_context(), transaction():
        for comment_id in db.session.scalars(select(Comment.id)).all():
            moderating.moderate(OPERATOR, comment_id, None, {"status": CommentStatus.APPROVED})


@pytest.mark.threat("A3")
class TestWhoMayKnow:
    STATES = ["draft", "offline"]

    def hidden(self, editor, state):
        post = building.post(editor)
        if state == "offline":
            building.publish(editor, post)
            url = f"/api/v1/manage/posts/{post['id']}/publication"
            assert editor.delete(url, headers=ANY).status_code in {200, 204}
        return post

    @pytest.mark.parametrize("state", STATES)
    def test_a_post_that_readers_do_not_see_has_no_comments(self, client, editor, state):
        post = self.hidden(editor, state)
        for answer in (
            client.get(url_of(post)),
            client.get(f"/api/v1/posts/{post['slug']}/comment-form"),
            send(client, post),
        ):
            missing = client.get("/api/v1/posts/no-such-post/comments").json
            assert (answer.status_code, answer.json["reason"]) == (404, "not_found")
            assert answer.json["detail"] == missing["detail"]

    @pytest.mark.parametrize("state", STATES)
    def test_not_even_an_editor_comments_there_or_reads(self, editor, state):
        post = self.hidden(editor, state)
        assert editor.get(url_of(post)).status_code == 404
        assert editor.post(url_of(post), json=words()).status_code == 404

    def test_a_post_in_another_language_is_another_post(self, client, editor):
        post = building.published_post(editor, locale="es")
        assert client.get(url_of(post)).status_code == 404
        assert client.get(f"{url_of(post)}?locale=es").status_code == 200
        answer = client.post(f"{url_of(post)}?locale=es", json=words())
        assert answer.status_code == 202

    def test_a_former_slug_leads_to_the_present_one(self, client, editor, post):
        former, changes = url_of(post), {"slug": "the-new-slug"}
        editor.patch(f"/api/v1/manage/posts/{post['id']}", json=changes, headers=ANY)
        building.publish(editor, post)
        read = client.get(f"{former}?limit=5")
        sent = client.post(former, json=words())
        assert (read.status_code, sent.status_code) == (301, 308)
        assert read.headers["Location"].endswith("/posts/the-new-slug/comments?limit=5")
        assert client.post(sent.headers["Location"], json=words()).status_code == 202


@pytest.mark.threat("C1")
class TestPrivacy:
    EMAIL, AGENT = "Secret.Person@Example.org", "Unusual/7.0"

    @pytest.fixture
    def answers(self, client, moderator, post):
        """All that a stranger can read once this person's comment is public."""
        answer = client.post(
            url_of(post),
            json=words(author_email=self.EMAIL),
            headers={"User-Agent": self.AGENT},
            environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
        )
        moderate(moderator, answer.json["data"]["id"], status="approved")
        page = f"/api/v1/posts/{post['slug']}"
        urls = [url_of(post), page, f"{page}?include=comments", "/api/v1/posts?include=comments"]
        return "".join(client.get(url).text for url in urls) + answer.text

    def test_no_answer_holds_email_address_or_browser(self, answers):
        told = answers.lower()
        for secret in (self.EMAIL.lower(), "secret.person", "203.0.113", self.AGENT.lower()):
            assert secret not in told

    @pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
    def test_no_answer_holds_a_digest_of_the_email_or_its_beginning(self, answers, kind):
        for spelling in (self.EMAIL, self.EMAIL.lower(), self.EMAIL.upper()):
            raw = hashlib.new(kind, spelling.encode()).digest()
            encoded = base64.b64encode(raw).decode()
            urlsafe = base64.urlsafe_b64encode(raw).decode()
            for form in (raw.hex(), encoded, urlsafe):
                assert form[:8] not in answers
                assert form[:8].lower() not in answers.lower()


@pytest.mark.threat("B1")
class TestHostileWords:
    @pytest.mark.usefixtures("unlimited")
    def test_no_markup_gets_through_any_field(self, app, client, post):
        for text in SENDABLE:
            address = {"author_url": f"https://x.org/{text}"}
            for fields in ({"body": text, "author_name": text[:80]}, address):
                answer = send(client, post, **fields)
                assert answer.status_code in {202, 422}, (text, answer.json)
        approve_all(app)

        shown = joined(client, f"/posts/{post['slug']}/comments", limit=100)
        assert len(shown) > len(SENDABLE)
        for one in shown:
            url = one["author"]["url"] or ""
            link = f'<a href="{url}" title="x">{one["author"]["name"]}</a>'
            assert violations(one["body"]["html"] + link) == []

    @pytest.mark.usefixtures("unlimited")
    def test_every_hostile_string_is_taken_or_refused(self, client, post, row):
        for text in HOSTILE:
            try:
                body = orjson.dumps(words(body=text, author_name=text, author_url=text))
            except TypeError:
                body = orjson.dumps(words(body="x" + text.encode("ascii", "ignore").decode()))
            answer = client.post(url_of(post), data=body, content_type="application/json")
            with row(text):
                assert answer.status_code in {202, 400, 422}

    @pytest.mark.threat("B10")
    def test_a_name_can_not_turn_the_page_around(self, client, moderator, post):
        approved(moderator, post, author_name="\u202eAnn\u200b\u2066")
        assert thread(client, post)["data"][0]["author"]["name"] == "Ann"
