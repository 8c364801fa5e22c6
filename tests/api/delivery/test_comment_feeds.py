"""Approved comments in feeds and numbers, as programs of others read them."""

import orjson
import pytest

from cms.content.feeds import WRITERS
from tests import building
from tests.building import ANY
from tests.commenting import approved, leave, moderate, send
from tests.content.hostile import HOSTILE, violations
from tests.emptying import emptied
from tests.syndicated import parsed

COUNTS = "/api/v1/comments/counts"


def read(client, path, notation, query=""):
    answer = client.get(f"/api/v1{path}.{notation}{query}")
    assert (answer.status_code, answer.content_type) == (200, WRITERS[notation][1])
    return parsed(answer.data, notation)


def uuids(items):
    return [item["id"].removeprefix("urn:uuid:") for item in items]


# What the tests of a class read is built once.
@pytest.fixture(scope="class")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="class")
def client(app):
    return app.test_client()


@pytest.fixture(scope="class")
def editor(app):
    return building.signed_in(app, "editor")


@pytest.fixture(scope="class")
def moderator(app):
    return building.signed_in(app, "moderator")


@pytest.fixture(scope="class")
def post(editor):
    return building.published_post(editor)


@pytest.fixture(scope="class")
def site(client, editor, moderator, post):
    """A thread with more than its feed shows, a comment elsewhere, and a post that is offline.

    Answers the ids of comments, oldest first, and the offline post's slug.
    """
    first = approved(moderator, post, author_name="Ann & Co", body="One\n\n<two>")
    leave(client, post, body="CANARY")
    second = approved(moderator, post, parent_id=first)
    removed = approved(moderator, post, body="CANARY")
    answer = approved(moderator, post, parent_id=removed)
    moderate(moderator, removed, status="rejected")
    elsewhere = approved(moderator, building.published_post(editor))
    offline = building.published_post(editor)
    approved(moderator, offline, body="CANARY")
    url = f"/api/v1/manage/posts/{offline['id']}/publication"
    assert editor.delete(url, headers=ANY).status_code == 200
    return [first, second, answer, elsewhere], offline["slug"]


@pytest.mark.parametrize("notation", ["atom", "json"])
class TestFeeds:
    def test_hold_the_newest_first(self, client, post, site, notation):
        newest_last, _ = site
        of_post = uuids(read(client, f"/posts/{post['slug']}/comments", notation))

        assert of_post == newest_last[2::-1]
        assert uuids(read(client, "/comments", notation)) == newest_last[::-1]

    def test_say_who_wrote_what_and_where(self, client, post, site, notation):
        (first, *_), _ = site
        item = read(client, f"/posts/{post['slug']}/comments", notation)[-1]

        assert (item["title"], item["authors"]) == (f"Ann & Co: {post['title']}", ["Ann & Co"])
        assert item["url"] == f"https://www.example.org/posts/{post['slug']}#comment-{first}"
        assert item["html"] == "<p>One</p><p>&lt;two&gt;</p>"

    def test_name_what_is_answered_and_nothing_private(self, client, site, notation):
        (first, second, *_), _ = site
        whole = client.get(f"/api/v1/comments.{notation}").text

        assert first in whole.partition(second)[2]
        assert "CANARY" not in whole
        for ours in ("www.example.org", "api.example.org"):
            whole = whole.replace(ours, "")
        assert "example.org" not in whole

    def test_go_on_page_by_page(self, client, site, notation):
        (first, *_), _ = site
        page = client.get(f"/api/v1/comments.{notation}?limit=3")
        following = page.headers["Link"].split(">")[0].removeprefix("<http://api.example.org")

        assert uuids(parsed(client.get(following).data, notation)) == [first]

    def test_are_sent_once_to_who_knows_them(self, client, site, notation):
        url = f"/api/v1/comments.{notation}?limit=3"
        known = {"If-None-Match": client.get(url).headers["ETag"]}

        assert client.get(url, headers=known).status_code == 304

    def test_are_of_one_locale_or_of_all(self, client, post, site, notation):
        assert read(client, "/comments", notation, "?locale=es") == []
        assert len(read(client, "/comments", notation, "?locale=*")) == 4
        wrong = client.get(f"/api/v1/posts/{post['slug']}/comments.{notation}?locale=*")
        assert wrong.status_code == 400

    def test_are_gone_with_the_post(self, client, site, notation):
        _, offline = site

        assert client.get(f"/api/v1/posts/{offline}/comments.{notation}").status_code == 404


def test_a_json_feed_says_what_is_answered(client, site):
    (first, *_), _ = site
    reply = client.get("/api/v1/comments.json").json["items"][2]

    assert reply["_thread"] == {"in_reply_to": f"urn:uuid:{first}"}


def test_counts_are_one_answer_for_many_posts(client, editor, moderator, post):
    root = approved(moderator, post)
    approved(moderator, post, parent_id=root)
    leave(client, post)
    bare, draft = building.published_post(editor), building.post(editor)
    slugs = [bare["slug"], post["slug"], draft["slug"], "none"]
    query = "&".join(f"post={slug}" for slug in slugs)
    counted = client.get(f"{COUNTS}?{query}")
    assert counted.json == {"data": {bare["slug"]: 0, post["slug"]: 2}}
    known = {"If-None-Match": counted.headers["ETag"]}
    assert client.get(f"{COUNTS}?{query}", headers=known).status_code == 304
    moderate(moderator, root, status="spam")
    assert client.get(f"{COUNTS}?{query}", headers=known).json["data"][post["slug"]] == 1
    for wrong in ("", "?post=", "?x=1&post=a", "?post=a&locale=*", "?" + "post=a&" * 101):
        assert client.get(f"{COUNTS}{wrong}").status_code == 400, wrong


@pytest.mark.threat("B1")
@pytest.mark.thorough
def test_no_comment_is_markup_in_a_feed(client, moderator, post, unlimited):
    for text in HOSTILE:
        body = {"body": text, "author_name": text[:80]}
        try:
            orjson.dumps(body)
        except TypeError:
            continue
        answer = send(client, post, **body)
        if answer.status_code == 202:
            moderate(moderator, answer.json["data"]["id"], status="approved")
    for notation in ("atom", "json"):
        items = read(client, f"/posts/{post['slug']}/comments", notation, "?limit=100")
        assert len(items) > 50
        assert [violations(item["html"]) for item in items] == [[]] * len(items)
