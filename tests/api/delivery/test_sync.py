"""A copy of the public site that is kept by its changes alone is that site, always."""

import time
from datetime import timedelta

import pytest

from cms import create_app
from cms.services import generation
from cms.times import format_time, utc_now
from tests import building, commenting
from tests.building import ANY
from tests.syncing import URL, Copy, assert_as_delivered, fresh

MANAGE = "/api/v1/manage"


@pytest.fixture
def copy(client) -> Copy:
    return Copy(client, "*", limit=2)


def change(client, method: str, path: str, **json) -> dict:
    answer = getattr(client, method)(f"{MANAGE}{path}", json=json or None, headers=ANY)
    assert answer.status_code in {200, 204}, answer.json
    return answer.json


class Site:
    """A little of everything, each named by the others."""

    def __init__(self, admin) -> None:
        self.tag, self.author = building.tag(admin), building.author(admin, credentials="MD")
        self.top = building.category(admin)
        self.category = building.category(admin, parent_id=self.top["id"])
        self.faq = building.published_faq(admin, tag_ids=[self.tag["id"]])
        self.hidden = building.faq(admin)
        self.picture = building.media(admin)
        filed = {"tag_ids": [self.tag["id"]], "category_id": self.category["id"]}
        filed |= {"author_ids": [self.author["id"]], "hero_media_id": self.picture["id"]}
        self.post = building.post(admin, **filed)
        faqs = {"faq_ids": [self.hidden["id"], self.faq["id"]]}
        change(admin, "put", f"/posts/{self.post['id']}/faqs", **faqs)
        self.reviewer = building.author(admin, credentials="MD")
        reviewed = building.review(admin, reviewed_by=self.reviewer["id"])
        admin.post(f"{MANAGE}/posts/{self.post['id']}/review", json=reviewed, headers=ANY)
        self.post = building.publish(admin, self.post)
        self.comment = commenting.leave(admin.application.test_client(), self.post)
        self.other = building.published_post(admin, locale="es", translation_of=self.post["id"])


def merge(admin, kind: str, old: dict, into: dict) -> None:
    url = f"{MANAGE}/{kind}/{old['id']}/merge"
    answer = admin.post(url, json={"into": into["id"]}, headers=ANY)
    assert answer.status_code == 200, answer.json


def steps(admin, site: Site, app):
    """Every kind of change that readers can see, one after the other."""
    post, faq = f"/posts/{site.post['id']}", f"/faqs/{site.faq['id']}"
    yield lambda: change(admin, "patch", f"/tags/{site.tag['id']}", name="Another", slug="new")
    yield lambda: change(admin, "patch", f"/media/{site.picture['id']}", alt="Other words")
    yield lambda: building.publish(admin, site.hidden)
    yield lambda: change(admin, "delete", f"{faq}/publication")
    yield lambda: building.publish(admin, site.faq)
    yield lambda: building.corrected(admin, site.post["id"], title="Changed", slug="changed")
    yield lambda: change(admin, "patch", f"/posts/{site.other['id']}", translation_of=None)
    yield lambda: change(
        admin, "patch", f"/posts/{site.other['id']}", translation_of=site.post["id"]
    )
    yield lambda: change(admin, "delete", f"/posts/{site.other['id']}/publication")
    yield lambda: building.publish(admin, site.other)
    yield lambda: change(admin, "delete", f"/posts/{site.other['id']}?permanent=true")
    yield lambda: merge(admin, "tags", site.tag, building.tag(admin))
    yield lambda: merge(admin, "authors", site.author, building.author(admin))
    yield lambda: merge(admin, "authors", site.reviewer, building.author(admin))
    yield lambda: merge(admin, "categories", site.category, building.category(admin))
    yield lambda: change(admin, "patch", f"/categories/{site.top['id']}", name="Top")
    yield lambda: building.tag(admin)
    yield lambda: commenting.moderate(admin, site.comment, status="approved")
    yield lambda: change(admin, "put", "/comment-rules", closed=True)
    yield lambda: change(admin, "put", "/comment-rules", closed=False)
    yield lambda: change(admin, "patch", post, comments_open=False)
    yield lambda: change(admin, "delete", post)
    yield lambda: admin.post(f"{MANAGE}{post}/restore")
    yield lambda: building.publish(admin, site.post)
    yield lambda: change(admin, "delete", faq)


@pytest.mark.thorough
def test_a_copy_follows_every_change(admin, client, app, copy):
    site = Site(admin)
    spanish = Copy(client, "es")
    copy.pull()
    spanish.pull()

    for number, step in enumerate(steps(admin, site, app)):
        step()
        copy.pull()
        spanish.pull()
        assert copy.documents == fresh(copy), number
        assert spanish.documents == fresh(spanish), number
        assert_as_delivered(copy)
    assert copy.pull() == []


def soon(milliseconds: int) -> str:
    return format_time(utc_now() + timedelta(milliseconds=milliseconds))


def wait_until_told(copy: Copy, told: list[tuple[str, str, str]]) -> None:
    """Ask until what the clock does was told; nothing else may be."""
    seen: list[tuple[str, str, str]] = []
    deadline = time.monotonic() + 20
    while seen != told:
        assert told[: len(seen)] == seen
        assert time.monotonic() < deadline
        seen += copy.pull()


@pytest.mark.parametrize("settled", ["never", "by the next change"])
@pytest.mark.thorough
def test_what_the_clock_does_is_told(admin, client, settled):
    copy = Copy(client)
    faq, post = building.faq(admin), building.post(admin)
    change(admin, "put", f"/posts/{post['id']}/faqs", faq_ids=[faq["id"]])
    building.publish(admin, post)
    building.publish(admin, faq, publish_at=soon(700), unpublish_at=soon(1200))
    copy.pull()

    both = [("faq", faq["slug"]), ("post", post["slug"])]
    begun, ended = [[(op, *one) for one in both] for op in ("upsert", "upsert")]
    ended[0] = ("delete", *both[0])
    wait_until_told(copy, begun)
    assert [one["faq_ids"] for one in copy.of("post").values()] == [[faq["id"]]]
    if settled != "never":
        wait_until_ended(client, faq["slug"])
        # It takes nothing down, and writes down that the time is over.
        change(admin, "delete", f"/faqs/{faq['id']}/publication")
    wait_until_told(copy, ended)
    assert copy.documents == fresh(copy)


def wait_until_ended(client, slug: str) -> None:
    deadline = time.monotonic() + 20
    while client.get(f"/api/v1/faqs/{slug}").status_code == 200:
        assert time.monotonic() < deadline


@pytest.mark.threat("A2")
def test_nothing_is_told_of_what_was_never_public(admin, client):
    copy = Copy(client)
    copy.pull()
    words = {"title": "CANARY"}
    waiting = building.publish(admin, building.post(admin, **words), publish_at=soon(10**7))
    cancelled = building.publish(admin, building.post(admin, **words), publish_at=soon(10**7))
    change(admin, "delete", f"/posts/{cancelled['id']}?permanent=true")
    change(admin, "delete", f"/posts/{building.post(admin, **words)['id']}")
    building.published_post(admin, locale="es", **words)
    building.post(admin, translation_of=waiting["id"], locale="es", **words)

    assert copy.pull() == []
    assert fresh(copy) == {}


def test_who_knows_everything_is_answered_the_same_bytes(admin, client, post):
    copy = Copy(client)
    copy.pull()
    query = {"locale": "en", "since": copy.token}

    first = client.get(URL, query_string=query)
    again = client.get(URL, query_string=query, headers={"If-None-Match": first.headers["ETag"]})

    assert first.json == {"data": [], "meta": {"next": copy.token, "more": False}}
    assert again.status_code == 304


def test_a_token_is_good_after_a_restart_and_for_its_locale_alone(admin, client, config, post):
    copy = Copy(client)
    copy.pull()
    building.corrected(admin, post["id"], title="Changed")

    copy.client = create_app(config).test_client()
    assert copy.pull() == [("upsert", "post", post["slug"])]

    middle = len(copy.token) // 2
    tampered = copy.token[:middle] + ("A" if copy.token[middle] != "A" else "B")
    wrong = [tampered + copy.token[middle + 1 :], copy.token[:-2], "x", "", copy.token + "=", "é"]
    queries = [{"since": one} for one in wrong] + [{"since": copy.token, "locale": "es"}]
    queries += [{"limit": 0}, {"limit": 101}, {"cursor": copy.token}, {"since": "a" * 3000}]
    for query in queries:
        answer = client.get(URL, query_string=query)
        assert (answer.status_code, answer.json["errors"][0]["pointer"] in query) == (400, True)


def test_a_token_older_than_the_log_has_expired(admin, client, post, monkeypatch):
    copy = Copy(client)
    copy.pull()
    monkeypatch.setattr(generation, "KEPT", 2)

    for title in "ab":
        building.corrected(admin, post["id"], title=title)
    assert client.get(URL, query_string={"since": copy.token}).status_code == 200
    building.corrected(admin, post["id"], title="c")

    answer = client.get(URL, query_string={"since": copy.token})
    assert (answer.status_code, answer.json["reason"]) == (410, "sync_expired")
    assert len(fresh(copy)) == 1


def test_a_renamed_tag_is_one_change_however_many_posts_have_it(admin, client):
    tag = building.tag(admin)
    for _ in range(3):
        building.published_post(admin, tag_ids=[tag["id"]])
    copy = Copy(client)
    copy.pull()

    change(admin, "patch", f"/tags/{tag['id']}", name="Another")

    assert copy.pull() == [("upsert", "tag", tag["slug"])]
