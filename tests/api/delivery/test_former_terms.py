"""Where the former slug of a tag, category or author leads."""

import pytest

from tests import building
from tests.api.delivery.reading import data, refusal
from tests.building import ANY, TERMS

MANAGE = "/api/v1/manage"
FIELDS = {"tags": "tag_ids", "categories": "category_id", "authors": "author_ids"}
FILTERS = {"tags": "tag", "categories": "category", "authors": "author"}

pytestmark = pytest.mark.parametrize("kind", TERMS)


def rename(editor, kind, term, slug):
    url = f"{MANAGE}/{kind}/{term['id']}"
    answer = editor.patch(url, json={"slug": slug}, headers=ANY)
    assert answer.status_code == 200, answer.json


@pytest.fixture
def renamed(editor, kind):
    """A term with a public post, that was `old` and is `new`."""
    term = TERMS[kind](editor, slug="old")
    ids = term["id"] if kind == "categories" else [term["id"]]
    building.published_post(editor, slug="post", **{FIELDS[kind]: ids})
    rename(editor, kind, term, "new")
    return term


def lead(client, kind, slug):
    """The slug that another leads to; itself, if it is the present one."""
    answer = client.get(f"/api/v1/{kind}/{slug}")
    if answer.status_code == 200:
        return answer.json["data"]["slug"]
    assert answer.status_code in {301, 404}
    return answer.headers.get("Location", "").rpartition("/")[2] or None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_leads_to_the_present_one(client, kind, renamed, method):
    answer = client.open(f"/api/v1/{kind}/old?locale=es", method=method)

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"http://api.example.org/api/v1/{kind}/new?locale=es"


@pytest.mark.parametrize("slugs", [["old"], ["new"], ["old", "new"], ["nothing", "old"]])
@pytest.mark.thorough
def test_finds_what_the_present_one_finds(client, editor, kind, renamed, slugs):
    query = {FILTERS[kind]: slugs, "total": "true"}

    for path in ("/api/v1/posts", f"{MANAGE}/posts"):
        found = editor.get(path, query_string=query).json
        assert [one["slug"] for one in found["data"]] == ["post"]
        assert found["meta"]["total"] == 1


def test_leads_on_through_every_later_name(client, editor, kind, renamed):
    rename(editor, kind, renamed, "newest")

    assert [lead(client, kind, slug) for slug in ("old", "new")] == ["newest", "newest"]


def test_comes_back_as_the_present_one(client, editor, kind, renamed):
    rename(editor, kind, renamed, "old")

    assert [lead(client, kind, slug) for slug in ("old", "new")] == ["old", "old"]


def test_is_free_for_another_which_wins(client, editor, kind, renamed):
    TERMS[kind](editor, slug="old")

    assert lead(client, kind, "old") == "old"
    assert data(client, "/posts", **{FILTERS[kind]: "old"}) == []
    found = editor.get(f"{MANAGE}/posts", query_string={FILTERS[kind]: "old"}).json["data"]
    assert found == []


def test_leads_to_the_last_that_had_it(client, editor, kind, renamed):
    other = TERMS[kind](editor, slug="old")

    rename(editor, kind, other, "other")

    assert lead(client, kind, "old") == "other"


def test_leads_nowhere_once_its_term_is_gone(client, editor, kind, renamed):
    term = TERMS[kind](editor, slug="short-lived")
    rename(editor, kind, term, "gone")

    editor.delete(f"{MANAGE}/{kind}/{term['id']}", headers=ANY)

    assert refusal(client, f"/{kind}/short-lived") == (404, "not_found", [])


def test_is_no_slug_of_another_kind(client, kind, renamed):
    others = [one for one in TERMS if one != kind]

    assert [lead(client, one, "old") for one in others] == [None, None]
