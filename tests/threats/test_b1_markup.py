"""B1: every hostile string in every field, made and edited: nothing of it is markup in any answer.

All tests read one site that is full of them.
"""

import pytest

from tests import building, commenting
from tests.building import ANY, markdown
from tests.content.hostile import HOSTILE, violations
from tests.emptying import emptied
from tests.syndicated import parsed

pytestmark = [pytest.mark.thorough, pytest.mark.exhaustive, pytest.mark.threat("B1")]

MANAGE = "/api/v1/manage"
# What JSON can carry, and fits into the shortest field.
TEXTS = [text for text in HOSTILE if text.isprintable() and len(text) <= 120]
UNLIMITED = [f"{who}_{time}" for who in ("address", "network") for time in ("minute", "hour")]
UNLIMITED += ["post_minute", "site_minute"]
# Where an answer holds HTML; all else is text, which a frontend escapes.
HTML = {"html", "excerpt_html", "content_html", "content_text_html"}


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def admin(app):
    return building.signed_in(app, "admin")


def filled(text):
    """A post with the text in every field."""
    return {
        "title": text,
        "excerpt": text,
        "sources": [building.source(title=text, publisher=text)],
        "seo": {"title": text, "description": text},
    }


@pytest.fixture(scope="module")
def site(app, admin):
    """Each text in each field of each kind, once as it was made and once as it was edited."""
    for text in TEXTS:
        # So that readers see something in any case.
        said = f"Warm. {text}"
        fields = filled(text) | terms_of(admin, text) | {"body": markdown(said)}
        post = building.published_post(admin, **fields)
        body = {"format": "html", "source": said}
        building.corrected(admin, post["id"], body=body, **filled(f"{text} again"))
        building.publish(admin, building.faq(admin, question=text, answer=markdown(said)))
    limits = dict.fromkeys(UNLIMITED)
    admin.put(f"{MANAGE}/comment-rules", json={"limits": limits}, headers=ANY)
    thread = building.published_post(admin, slug="thread")
    for text in TEXTS:
        commented(app, admin, thread, text)
    return thread


def terms_of(admin, text):
    tag = building.tag(admin, name=text, description=text)
    category = building.category(admin, name=text, description=text)
    author = building.author(admin, name=text, bio=text, credentials=text)
    media = building.media(admin, alt=text, caption=text)
    admin.patch(f"{MANAGE}/tags/{tag['id']}", json={"description": f"{text}!"}, headers=ANY)
    admin.patch(f"{MANAGE}/media/{media['id']}", json={"alt": f"{text}!"}, headers=ANY)
    named = {"tag_ids": [tag["id"]], "author_ids": [author["id"]], "category_id": category["id"]}
    return named | {"hero_media_id": media["id"]}


def commented(app, admin, post, text):
    """Left, edited by its writer, answered by staff, and let through."""
    with app.app_context():
        given = commenting.send(app.test_client(), post, body=text, author_name=text[:80])
    if given.status_code != 202:
        assert given.status_code == 422, given.json
        return
    given = given.json["data"]
    commenting.by_receipt(app.test_client(), "PATCH", given, body=f"{text} again")
    commenting.moderate(admin, given["id"], status="approved", note=text)
    admin.post(f"{MANAGE}/comments/{given['id']}/reply", json={"body": text})


def html_in(value, name=""):
    """Every string of an answer that a frontend writes into a page as it is."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from html_in(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from html_in(one, name)
    elif isinstance(value, str) and name in HTML:
        yield value


PAGES = [
    "/api/v1/posts?limit=100&body=html,blocks&include=related,comments",
    "/api/v1/faqs?limit=100",
    "/api/v1/authors?limit=100",
    "/api/v1/tags?limit=100",
    "/api/v1/posts/thread/comments?limit=100",
    "/api/v1/sync",
    *(f"/api/v1/search?q={word}&limit=100" for word in ("alert", "script", "x", "again", "img")),
    *(f"{MANAGE}/{kind}?limit=100" for kind in ("posts", "faqs", "comments", "media", "authors")),
    f"{MANAGE}/posts?limit=100&status=published",
]


def following(page, answer):
    """The address of the next page; empty at the end."""
    if "more" in answer.get("meta", {}):
        return f"{page}?since={answer['meta']['next']}" if answer["meta"]["more"] else ""
    return (answer["links"]["next"] or "").removeprefix("http://api.example.org")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("page", PAGES)
def test_no_answer_holds_active_markup(admin, page):
    url, seen = page, 0
    while url:
        answer = admin.get(url)
        assert answer.status_code == 200, answer.json
        for html in html_in(answer.json):
            assert violations(html.replace("<mark>", "").replace("</mark>", "")) == [], html
            seen += 1
        url = following(page, answer.json)

    without = ("/authors", "/tags", "/media", f"{MANAGE}/posts", f"{MANAGE}/faqs")
    assert seen or any(one in page for one in without)


@pytest.mark.usefixtures("site")
def test_each_page_of_each_post_is_harmless(client):
    slugs, url = [], "/api/v1/posts?limit=100&fields=slug"
    while url:
        page = client.get(url).json
        slugs += [one["slug"] for one in page["data"]]
        url = following(url, page)

    assert len(slugs) > len(TEXTS)
    for slug in slugs:
        answer = client.get(
            f"/api/v1/posts/{slug}?body=html,blocks,text&include=related,comments,jsonld"
        )
        for html in html_in(answer.json):
            assert violations(html) == []
        history = client.get(f"/api/v1/posts/{slug}/history").json
        assert list(html_in(history)) == []


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("kind", ["json", "atom", "rss"])
def test_no_feed_holds_active_markup(client, kind):
    for feed in ("feed", "comments"):
        if (feed, kind) == ("comments", "rss"):
            continue
        answer = client.get(f"/api/v1/{feed}.{kind}")
        items = parsed(answer.data, kind) if feed == "feed" else None
        shown = [one["html"] for one in items] if items else list(html_in(answer.json or {}))
        assert items or kind != "json" or shown
        for html in shown:
            assert violations(html) == [], html


@pytest.mark.usefixtures("site")
def test_every_answer_says_that_it_is_no_page(admin):
    """A browser that is led to one shows text, whatever stands in it."""
    for page in [*PAGES, "/api/v1/feed.json", "/api/v1/feed.atom", "/api/v1/sitemap.xml"]:
        answer = admin.get(page)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "html" not in answer.content_type
