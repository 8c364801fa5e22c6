"""Posts as readers see them."""

import pytest

from tests import building, commenting
from tests.api.delivery.reading import data, get, refusal

# What is short first, the body after it.
SUMMARY = ["id", "slug", "locale", "title", "excerpt", "word_count", "reading_minutes"]
SUMMARY += ["published_at", "updated_at", "url", "hero", "category", "tags", "authors"]
SUMMARY += ["review", "comments", "translations"]
WHOLE = [*SUMMARY, "body", "sources", "seo", "faqs", "previous", "next"]
BODY = (
    "# One\n\nSome *words*.\n\n- a\n- b\n\n> said\n\n```\ncode\n```\n\n---\n\n| x |\n|---|\n| y |\n"
)


def slugs(items) -> list[str]:
    return [item["slug"] for item in items]


def unpublish(editor, post) -> None:
    editor.delete(f"/api/v1/manage/posts/{post['id']}/publication", headers=building.ANY)


def change(editor, post, **fields) -> None:
    url = f"/api/v1/manage/posts/{post['id']}"
    answer = editor.patch(url, json=fields, headers=building.ANY)
    assert answer.status_code == 200, answer.json


def pick(editor, post, picks) -> None:
    """Publish a post with these neighbours: pairs of a post and a note."""
    related = [{"post_id": one["id"], "note": note} for one, note in picks]
    url = f"/api/v1/manage/posts/{post['id']}/related"
    editor.put(url, json={"related": related}, headers=building.ANY)
    building.publish(editor, post)


@pytest.fixture
def whole(editor) -> dict:
    """A post that has a value wherever it can."""
    filed = {
        "tag_ids": [building.tag(editor, name=name)["id"] for name in ("Fatigue", "Sleep")],
        "author_ids": [building.author(editor, name="Jo Doe", credentials="LMT")["id"]],
        "category_id": building.category(editor, name="Massage")["id"],
    }
    text = {"title": "Whole", "excerpt": "In short.", "body": building.markdown(BODY)}
    return building.published_post(editor, **text, **filed, seo={"title": "For machines"})


def test_a_post_has_these_fields_in_this_order(client, whole):
    assert list(data(client, "/posts/whole")) == WHOLE


def test_a_post_says_what_its_editor_gave_it(client, whole):
    found = data(client, "/posts/whole")

    assert found["id"] == whole["id"]
    assert found["url"] == "https://www.example.org/posts/whole"
    assert (found["title"], found["excerpt"], found["locale"]) == ("Whole", "In short.", "en")
    assert found["category"] == {"slug": "massage", "name": "Massage"}
    assert found["tags"] == [
        {"slug": "fatigue", "name": "Fatigue"},
        {"slug": "sleep", "name": "Sleep"},
    ]
    assert found["authors"] == [{"slug": "jo-doe", "name": "Jo Doe", "credentials": "LMT"}]


def test_what_has_no_value_yet_is_null_or_empty(client, editor):
    building.published_post(editor, title="Bare")

    found = data(client, "/posts/bare")

    assert [found[name] for name in ("hero", "review", "category", "previous", "next")] == [
        None
    ] * 5
    assert [found[name] for name in ("tags", "authors", "sources", "faqs", "translations")] == [
        []
    ] * 5
    assert found["comments"] == {"open": True, "count": 0}


def test_seo_falls_back_on_title_and_excerpt(client, whole):
    assert data(client, "/posts/whole")["seo"] == {
        "title": "For machines",
        "description": "In short.",
        "canonical_url": None,
        "noindex": False,
    }


def test_a_summary_is_the_post_without_what_only_its_page_shows(client, whole):
    (listed,) = data(client, "/posts")
    found = data(client, "/posts/whole")

    assert listed == {name: found[name] for name in SUMMARY}
    assert list(listed) == SUMMARY


def test_a_body_is_html_unless_asked_otherwise(client, whole):
    assert list(data(client, "/posts/whole")["body"]) == ["html", "toc"]


@pytest.mark.parametrize("notation", ["html", "markdown", "text", "blocks"])
def test_a_notation_that_was_not_asked_for_is_absent(client, whole, notation):
    for body in (
        data(client, "/posts/whole", body=notation)["body"],
        data(client, "/posts", body=notation)[0]["body"],
    ):
        assert set(body) == {notation, "toc"}
        assert body[notation]


def test_blocks_joined_are_the_html(client, whole):
    body = data(client, "/posts/whole", body="html,markdown,text,blocks")["body"]

    assert "".join(block["html"] for block in body["blocks"]) == body["html"]
    kinds = [block["type"] for block in body["blocks"]]
    assert kinds == ["heading", "paragraph", "list", "quote", "code", "divider", "table"]
    assert len({block["id"] for block in body["blocks"]}) == len(kinds)


def test_other_notations_say_the_same(client, whole):
    body = data(client, "/posts/whole", body="markdown,text")["body"]

    assert "Some *words*." in body["markdown"]
    assert "Some words." in body["text"]
    assert "<" not in body["text"]


@pytest.mark.parametrize("path", ["/posts/whole", "/posts"])
def test_fields_keep_just_what_they_name(client, whole, path):
    found = data(client, path, fields="title,tags.slug,comments.open")
    post = found[0] if isinstance(found, list) else found

    tags = [{"slug": "fatigue"}, {"slug": "sleep"}]
    assert post == {"title": "Whole", "tags": tags, "comments": {"open": True}}


def test_fields_reach_into_the_body(client, whole):
    found = data(client, "/posts/whole", fields="body.toc.title,slug")

    assert found == {"slug": "whole", "body": {"toc": [{"title": "One"}]}}


def test_an_include_stays_beside_the_fields(client, editor, whole):
    near = building.published_post(editor)
    pick(editor, whole, [(near, None)])

    found = data(client, "/posts/whole", fields="slug", include="related,comments")

    assert list(found) == ["slug", "comments", "related"]
    assert slugs(found["related"]) == slugs([near])


def test_included_comments_are_the_first_page_of_the_thread(client, admin, whole):
    commenting.approved(admin, whole)

    (listed,) = data(client, "/posts", include="comments")
    thread = data(client, "/posts/whole/comments")

    assert listed["comments"] == {"open": True, "count": 1, "items": thread}
    assert data(client, "/posts/whole", include="comments")["comments"]["items"] == thread


def test_each_post_of_a_list_includes_its_own(client, admin):
    one, other, quiet = (building.published_post(admin) for _ in range(3))
    pick(admin, one, [(quiet, "first"), (other, None)])
    pick(admin, other, [(quiet, None)])
    root = commenting.approved(admin, other)
    commenting.approved(admin, other, parent_id=root)
    commenting.approved(admin, one)

    listed = {post["slug"]: post for post in data(client, "/posts", include="related,comments")}

    for slug in slugs([one, other, quiet]):
        alone = data(client, f"/posts/{slug}", include="related,comments")
        assert listed[slug]["related"] == alone["related"]
        assert listed[slug]["comments"]["items"] == data(client, f"/posts/{slug}/comments")
    assert slugs(listed[one["slug"]]["related"]) == slugs([quiet, other])
    (answered,) = listed[other["slug"]]["comments"]["items"]
    assert (answered["id"], len(answered["replies"])) == (root, 1)
    assert listed[quiet["slug"]]["related"] == listed[quiet["slug"]]["comments"]["items"] == []


def test_previous_and_next_are_the_neighbours_in_time(client, editor):
    made = [
        building.publish(editor, building.post(editor), published_at=f"2020-01-0{day}T00:00:00Z")
        for day in (2, 1, 3)
    ]
    middle, old, new = ({"slug": one["slug"], "title": one["title"]} for one in made)

    pairs = [
        tuple(data(client, f"/posts/{one['slug']}")[name] for name in ("previous", "next"))
        for one in (old, middle, new)
    ]

    assert pairs == [(None, middle), (old, new), (middle, None)]


def test_a_neighbour_that_goes_offline_is_passed_over(client, editor):
    first, second, third = (building.published_post(editor) for _ in range(3))

    unpublish(editor, second)

    assert data(client, f"/posts/{third['slug']}")["previous"]["slug"] == first["slug"]
    assert data(client, f"/posts/{first['slug']}")["next"]["slug"] == third["slug"]


def test_neighbours_are_of_the_same_locale(client, editor):
    building.published_post(editor, locale="es")
    post = building.published_post(editor)

    assert data(client, f"/posts/{post['slug']}")["previous"] is None


def test_related_posts_are_the_editors_picks_in_order(client, editor):
    post = building.post(editor)
    one, two = building.published_post(editor), building.published_post(editor)
    pick(editor, post, [(two, "Read this first"), (one, None)])

    found = data(client, f"/posts/{post['slug']}/related")

    assert slugs(found) == slugs([two, one])
    assert [one["relation"] for one in found] == [
        {"kind": "picked", "score": 1.0, "reasons": [], "note": note}
        for note in ("Read this first", None)
    ]
    assert list(found[0]) == [*SUMMARY, "relation"]


def test_a_pick_shows_only_while_it_is_public(client, editor):
    post, picked = building.post(editor), building.published_post(editor)
    pick(editor, post, [(picked, None)])
    path = f"/posts/{post['slug']}/related"
    seen = [slugs(data(client, path))]

    unpublish(editor, picked)
    seen.append(slugs(data(client, path)))
    building.publish(editor, picked)
    seen.append(slugs(data(client, path)))

    assert seen == [slugs([picked]), [], slugs([picked])]


def test_related_posts_have_a_limit(client, editor):
    post = building.post(editor)
    pick(editor, post, [(building.published_post(editor), None) for _ in range(8)])
    path = f"/posts/{post['slug']}/related"

    assert len(data(client, path)) == 6
    assert len(data(client, path, limit=7)) == 7
    assert refusal(client, f"{path}?limit=21") == (400, "bad_parameter", ["limit"])


def test_links_lead_to_this_page_and_the_next(client, editor):
    for _ in range(3):
        building.published_post(editor)

    response = client.get("/api/v1/posts?limit=2&sort=title")

    links, meta = response.json["links"], response.json["meta"]
    assert links["self"] == "http://api.example.org/api/v1/posts?limit=2&sort=title"
    assert links["next"] == f"{links['self']}&cursor={meta['next_cursor']}"
    assert response.headers["Link"] == f'<{links["next"]}>; rel="next"'
    assert "total" not in meta


def test_the_last_page_leads_nowhere(client, editor):
    building.published_post(editor)

    response = client.get("/api/v1/posts")

    assert response.json["meta"] == {"limit": 20, "next_cursor": None}
    assert response.json["links"]["next"] is None
    assert "Link" not in response.headers


@pytest.mark.parametrize(
    "other", ["sort=title", "locale=es", "slug=x", "updated_after=2020-01-01T00:00:00Z"]
)
def test_a_cursor_is_good_for_its_own_list_alone(client, editor, other):
    for _ in range(2):
        building.published_post(editor)
    cursor = get(client, "/posts", limit=1)["meta"]["next_cursor"]

    status, reason, faults = refusal(client, f"/posts?{other}&cursor={cursor}")

    assert (status, reason, faults) == (400, "bad_cursor", ["cursor"])


REFUSED = ["sort=slug", "limit=101", "total=yes", "fields=secret", "include=faqs", "body=pdf"]
REFUSED += ["page=2", "cursor=", "locale=fr", "published_after=2020-01-01", "status=draft"]


@pytest.mark.parametrize("query", REFUSED)
def test_what_posts_can_not_be_asked_is_named(client, query):
    assert refusal(client, f"/posts?{query}") == (400, "bad_parameter", [query.split("=")[0]])


@pytest.mark.parametrize("query", ["locale=*", "locale=fr", "sort=title", "limit=3"])
def test_what_one_post_can_not_be_asked_is_named(client, whole, query):
    assert refusal(client, f"/posts/whole?{query}")[0] == 400


def test_each_locale_has_its_own_posts(client, editor):
    english = building.published_post(editor, slug="massage")
    spanish = building.published_post(editor, slug="massage", locale="es")

    assert data(client, "/posts/massage")["id"] == english["id"]
    assert data(client, "/posts/massage", locale="es")["id"] == spanish["id"]
    assert [post["id"] for post in data(client, "/posts")] == [english["id"]]
    assert len(data(client, "/posts", locale="*")) == 2


def test_there_is_no_falling_back_on_another_locale(client, editor):
    building.published_post(editor, slug="massage")

    assert refusal(client, "/posts/massage?locale=es")[:2] == (404, "not_found")


@pytest.mark.parametrize("below", ["", "/faqs", "/related", "/comments", "/comment-form"])
def test_a_former_slug_leads_to_the_present_one(client, editor, below):
    post = building.published_post(editor, slug="before")
    change(editor, post, slug="after")
    building.publish(editor, post)

    response = client.get(f"/api/v1/posts/before{below}?locale=en")

    assert response.status_code == 301
    expected = f"http://api.example.org/api/v1/posts/after{below}?locale=en"
    assert response.headers["Location"] == expected


def test_an_edit_shows_when_it_is_published(client, editor):
    post = building.published_post(editor, title="Before")
    change(editor, post, title="After")
    seen = [data(client, f"/posts/{post['slug']}")["title"]]

    building.publish(editor, post)
    seen.append(data(client, f"/posts/{post['slug']}")["title"])

    assert seen == ["Before", "After"]


def test_publishing_again_keeps_the_first_date(client, editor):
    post = building.published_post(editor)
    before = data(client, f"/posts/{post['slug']}")
    change(editor, post, title="After")
    building.publish(editor, post)

    after = data(client, f"/posts/{post['slug']}")

    assert after["published_at"] == before["published_at"]
    assert after["updated_at"] > before["updated_at"]
