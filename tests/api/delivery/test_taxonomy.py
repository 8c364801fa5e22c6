"""Tags, categories and authors as readers see them."""

import pytest

from tests import building
from tests.api.delivery.reading import data, get, pages, refusal

MAKERS = {"tags": building.tag, "categories": building.category, "authors": building.author}
FILED = {"tags": "tag_ids", "categories": "category_id", "authors": "author_ids"}


def filed_under(kind: str, term: dict) -> dict:
    return {FILED[kind]: term["id"] if kind == "categories" else [term["id"]]}


def unpublish(client, post) -> None:
    client.delete(f"/api/v1/manage/posts/{post['id']}/publication", headers=building.ANY)


def test_a_tag_has_these_fields(client, editor):
    building.tag(editor, name="Fatigue", description="Being tired")

    assert data(client, "/tags/fatigue") == {
        "slug": "fatigue",
        "name": "Fatigue",
        "description": "Being tired",
        "post_count": 0,
    }


def test_a_category_names_the_one_that_it_is_in(client, editor):
    above = building.category(editor, name="Massage")
    building.category(editor, name="Medical massage", parent_id=above["id"])

    assert data(client, "/categories/massage")["parent"] is None
    found = data(client, "/categories/medical-massage")
    assert found["parent"] == {"slug": "massage", "name": "Massage"}


def test_categories_name_all_that_they_are_in_from_the_top(client, editor):
    above = None
    for name in ("Care", "Massage", "Medical massage"):
        above = building.category(editor, name=name, parent_id=above and above["id"])

    care, massage = [{"slug": name.lower(), "name": name} for name in ("Care", "Massage")]
    listed = {one["slug"]: one["ancestors"] for one in data(client, "/categories")}

    assert listed == {"care": [], "massage": [care], "medical-massage": [care, massage]}
    assert data(client, "/categories/medical-massage")["ancestors"] == [care, massage]


def test_an_author_has_a_biography_and_links(client, editor):
    links = ["https://example.org/jo"]
    building.author(editor, name="Jo Doe", credentials="LMT", bio="Since 1990", links=links)

    found = data(client, "/authors/jo-doe")

    assert (found["credentials"], found["bio"], found["links"]) == ("LMT", "Since 1990", links)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_count_follows_what_is_published(client, editor, kind):
    term = MAKERS[kind](editor)
    post = building.post(editor, **filed_under(kind, term))
    counts = [data(client, f"/{kind}/{term['slug']}")["post_count"]]

    building.publish(editor, post)
    counts.append(data(client, f"/{kind}/{term['slug']}")["post_count"])
    unpublish(editor, post)
    counts.append(data(client, f"/{kind}")[0]["post_count"])

    assert counts == [0, 1, 0]


def test_a_category_counts_what_is_in_those_below_it(client, editor):
    above = building.category(editor)
    below = building.category(editor, parent_id=above["id"])
    building.published_post(editor, category_id=below["id"])

    assert data(client, f"/categories/{above['slug']}")["post_count"] == 1


def test_a_count_is_of_the_locale_that_was_asked_for(client, editor):
    tag = building.tag(editor)
    for locale in ("en", "en", "es"):
        building.published_post(editor, locale=locale, tag_ids=[tag["id"]])

    assert data(client, "/tags")[0]["post_count"] == 2
    assert data(client, "/tags", locale="es")[0]["post_count"] == 1
    assert data(client, "/tags", locale="*")[0]["post_count"] == 3


@pytest.mark.parametrize("kind", MAKERS)
def test_pages_join_to_the_whole_list(client, editor, kind):
    slugs = sorted(MAKERS[kind](editor)["slug"] for _ in range(7))

    found = [[term["slug"] for term in page] for page in pages(client, f"/{kind}", limit=3)]

    assert found == [slugs[:3], slugs[3:6], slugs[6:]]
    assert get(client, f"/{kind}", total="true")["meta"]["total"] == 7


@pytest.mark.parametrize("kind", MAKERS)
def test_what_there_is_not_is_not_found(client, kind):
    assert refusal(client, f"/{kind}/nothing") == (404, "not_found", [])


def test_a_new_name_shows_at_the_next_read_and_touches_no_post(client, editor):
    tag = building.tag(editor, name="Old name")
    post = building.published_post(editor, tag_ids=[tag["id"]])
    before = client.get(f"/api/v1/posts/{post['slug']}")

    editor.patch(f"/api/v1/manage/tags/{tag['id']}", json={"name": "New"}, headers=building.ANY)
    after = client.get(f"/api/v1/posts/{post['slug']}")

    assert after.json["data"]["tags"] == [{"slug": "old-name", "name": "New"}]
    assert after.json["data"]["updated_at"] == before.json["data"]["updated_at"]
    assert after.headers["ETag"] != before.headers["ETag"]


def test_a_new_name_writes_no_publication(app, client, editor):
    tag = building.tag(editor)
    post = building.published_post(editor, tag_ids=[tag["id"]])
    url = f"/api/v1/manage/posts/{post['id']}/publication"
    before = editor.get(url).json["data"]

    editor.patch(f"/api/v1/manage/tags/{tag['id']}", json={"name": "New"}, headers=building.ANY)

    assert editor.get(url).json["data"] == before


def test_a_new_slug_is_what_posts_are_found_by(client, editor):
    tag = building.tag(editor)
    building.published_post(editor, tag_ids=[tag["id"]])

    editor.patch(f"/api/v1/manage/tags/{tag['id']}", json={"slug": "new"}, headers=building.ANY)

    assert len(data(client, "/posts", tag="new")) == 1


def test_posts_are_found_by_the_new_parent_of_their_category(client, editor):
    before, after = building.category(editor), building.category(editor)
    child = building.category(editor, parent_id=before["id"])
    building.published_post(editor, category_id=child["id"])

    url = f"/api/v1/manage/categories/{child['id']}"
    editor.patch(url, json={"parent_id": after["id"]}, headers=building.ANY)

    assert len(data(client, "/posts", category=after["slug"])) == 1
    assert data(client, "/posts", category=before["slug"]) == []
    assert data(client, f"/categories/{after['slug']}")["post_count"] == 1


def test_an_unknown_locale_is_named(client):
    assert refusal(client, "/tags?locale=fr") == (400, "bad_parameter", ["locale"])
    assert refusal(client, "/tags/x?locale=*") == (400, "bad_parameter", ["locale"])
