"""Several processes, each with its memory: none shows what was, once a change is acknowledged.

The long version is `python -m benchmarks.freshness`.
"""

import pytest

from cms import create_app
from cms.api.front import front_of
from cms.services import lease
from tests import building

READS = ["/posts", "/posts/heat", "/posts/heat/related", "/posts/heat/faqs", "/posts/heat/comments"]
READS += ["/posts/heat/history", "/faqs", "/faqs/why", "/tags", "/tags/warmth", "/categories"]
READS += ["/authors", "/site", "/posts?tag=warmth", "/feed.json", "/sitemap.xml"]
READS += ["/search?q=warmth", "/search?q=heat", "/posts?q=warmth", "/faqs?q=question"]
MANAGE = "/api/v1/manage"


@pytest.fixture
def others(app, config):
    return [create_app(config) for _ in range(2)]


def changes(admin, post, faq, tag, client):
    """One of each kind of public change, made through the API."""
    put, ways = building.ANY, f"{MANAGE}/posts/{post['id']}"
    yield "text", lambda: building.corrected(admin, post["id"], title="Warmth")
    yield (
        "faq",
        lambda: (
            admin.put(f"{ways}/faqs", json={"faq_ids": [faq["id"]]}, headers=put)
            and building.publish(admin, post)
        ),
    )
    yield "tag", lambda: admin.patch(f"{MANAGE}/tags/{tag['id']}", json={"name": "W"}, headers=put)
    yield "closing", lambda: admin.patch(ways, json={"comments_open": False}, headers=put)
    yield "settings", lambda: admin.patch(f"{MANAGE}/settings", json={"name": "S"}, headers=put)
    yield "review", lambda: admin.post(f"{ways}/review", json=building.review(admin), headers=put)
    yield "offline faq", lambda: admin.delete(f"{MANAGE}/faqs/{faq['id']}/publication", headers=put)
    yield "another post", lambda: building.published_post(admin, tag_ids=[tag["id"]])
    yield "offline", lambda: admin.delete(f"{ways}/publication", headers=put)


def test_each_change_shows_in_every_process_and_route(app, admin, client, others):
    compare(app, admin, client, others)


@pytest.mark.only_on("postgresql")
def test_each_change_shows_in_every_process_that_has_a_lease(
    app, admin, client, others, monkeypatch
):
    monkeypatch.setattr(lease, "OFTEN", 0)
    compare(app, admin, client, others)


def compare(app, admin, client, others):
    """What each process answers from memory after each change, with what is built anew."""
    tag = building.tag(admin, slug="warmth")
    faq = building.published_faq(admin, slug="why", tag_ids=[tag["id"]])
    post = building.published_post(admin, slug="heat", tag_ids=[tag["id"]])
    clients = [one.test_client() for one in (app, *others)]
    anew = app.test_client(use_cookies=False)
    for _ in range(2):
        _ = [one.get(f"/api/v1{path}") for one in clients for path in READS]
    assert all(front_of(one).numbers()["hits"] >= len(READS) for one in (app, *others))

    for name, change in changes(admin, post, faq, tag, client):
        change()
        for path in READS:
            # What carries a cookie passes the memory by.
            wanted = anew.get(f"/api/v1{path}", headers={"Cookie": "passes=by"})
            for one in clients:
                got = one.get(f"/api/v1{path}")
                assert got.status_code == wanted.status_code, (name, path)
                assert got.status_code >= 400 or got.data == wanted.data, (name, path)
