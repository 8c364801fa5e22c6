"""Approved comments in feeds and numbers, as programs of others read them."""

import orjson
import pytest

from cms.content.feeds import WRITERS
from tests import building
from tests.building import ANY
from tests.commenting import approved, leave, moderate, send
from tests.content.hostile import HOSTILE, violations
from tests.syndicated import parsed

COUNTS = "/api/v1/comments/counts"


def read(client, path, notation, query=""):
    answer = client.get(f"/api/v1{path}.{notation}{query}")
    assert (answer.status_code, answer.content_type) == (200, WRITERS[notation][1])
    return parsed(answer.data, notation)


def uuids(items):
    return [item["id"].removeprefix("urn:uuid:") for item in items]


def test_feeds_hold_the_newest_approved_comments_and_nothing_else(client, editor, moderator, post):
    first = approved(moderator, post, author_name="Ann & Co", body="One\n\n<two>")
    leave(client, post, body="CANARY")
    second = approved(moderator, post, parent_id=first)
    removed = approved(moderator, post, body="CANARY")
    approved(moderator, post, parent_id=removed)
    moderate(moderator, removed, status="rejected")
    other = building.published_post(editor)
    elsewhere = approved(moderator, other)
    offline = building.published_post(editor)
    approved(moderator, offline, body="CANARY")
    url = f"/api/v1/manage/posts/{offline['id']}/publication"
    assert editor.delete(url, headers=ANY).status_code == 200

    for notation in ("atom", "json"):
        of_post = read(client, f"/posts/{post['slug']}/comments", notation)
        of_site = read(client, "/comments", notation)
        assert uuids(of_post)[1:] == [second, first]
        assert uuids(of_site) == [elsewhere, *uuids(of_post)]
        item = of_post[-1]
        assert (item["title"], item["authors"]) == (f"Ann & Co: {post['title']}", ["Ann & Co"])
        assert item["url"] == f"https://www.example.org/posts/{post['slug']}#comment-{first}"
        assert item["html"] == "<p>One</p><p>&lt;two&gt;</p>"
        whole = client.get(f"/api/v1/comments.{notation}")
        assert first in whole.text.partition(second)[2]
        assert "CANARY" not in whole.text
        assert "example.org" not in whole.text.replace("www.example.org", "").replace(
            "api.example.org", ""
        )
        page = client.get(f"/api/v1/comments.{notation}?limit=3")
        following = page.headers["Link"].split(">")[0].removeprefix("<http://api.example.org")
        assert uuids(parsed(client.get(following).data, notation)) == [first]
        known = {"If-None-Match": page.headers["ETag"]}
        again = client.get(f"/api/v1/comments.{notation}?limit=3", headers=known)
        assert again.status_code == 304
        assert read(client, "/comments", notation, "?locale=es") == []
        assert len(read(client, "/comments", notation, "?locale=*")) == 4
        gone = client.get(f"/api/v1/posts/{offline['slug']}/comments.{notation}")
        assert gone.status_code == 404
        wrong = client.get(f"/api/v1/posts/{post['slug']}/comments.{notation}?locale=*")
        assert wrong.status_code == 400
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
