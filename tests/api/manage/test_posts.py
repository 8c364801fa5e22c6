"""The working copies of posts."""

import pytest

from tests import building
from tests.building import ANY

POSTS = "/api/v1/manage/posts"


class TestCreate:
    def test_a_draft_starts_with_a_title_alone(self, editor):
        response = editor.post(POSTS, json={"title": "Größe & Wärme"})

        assert response.status_code == 201
        post = response.json["data"]
        assert (post["slug"], post["status"], post["locale"]) == ("grosse-warme", "draft", "en")
        assert response.headers["ETag"] == f'"{post["version"]}"'
        assert response.headers["Location"].endswith(f"/posts/{post['id']}")

    def test_a_title_that_is_taken_gets_a_number(self, editor):
        slugs = [building.post(editor, title="Heat")["slug"] for _ in range(3)]

        assert slugs == ["heat", "heat-2", "heat-3"]

    def test_a_slug_that_was_asked_for_and_is_taken_is_refused(self, editor):
        building.post(editor, slug="heat")

        response = editor.post(POSTS, json={"title": "Other", "slug": "heat"})

        assert (response.status_code, response.json["reason"]) == (409, "slug_taken")

    def test_a_title_without_any_letter_still_gets_a_slug(self, editor):
        assert building.post(editor, title="🎉🎉")["slug"] == "post"

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"title": ""}, "/title"),
            ({"title": " \u200b\u00a0"}, "/title"),
            ({"title": "x" * 301}, "/title"),
            ({"slug": "Not A Slug"}, "/slug"),
            ({"locale": "xx"}, "/locale"),
            ({"category_id": building.NOWHERE}, "/category_id"),
            ({"tag_ids": [building.NOWHERE]}, "/tag_ids/0"),
            ({"tag_ids": "none"}, "/tag_ids"),
            ({"body": {"format": "rtf", "source": ""}}, "/body/format"),
            ({"seo": {"canonical_url": "javascript:alert(1)"}}, "/seo/canonical_url"),
            ({"comments_open": "true"}, "/comments_open"),
            ({"status": "published"}, "/status"),
            ({"id": building.NOWHERE}, "/id"),
            ({"published_at": "2020-01-01T00:00:00Z"}, "/published_at"),
        ],
    )
    def test_a_field_that_can_not_be_accepted_is_named(self, editor, fields, pointer):
        response = editor.post(POSTS, json={"title": "A post"} | fields)

        assert response.status_code == 422
        assert response.json["errors"][0]["pointer"] == pointer
        assert editor.get(f"{POSTS}?total=true").json["meta"]["total"] == 0


class TestEdit:
    def test_only_what_is_named_changes(self, editor):
        post = building.post(editor, excerpt="Short")

        response = editor.patch(f"{POSTS}/{post['id']}", json={"title": "New"}, headers=ANY)

        changed = response.json["data"]
        assert (changed["title"], changed["excerpt"]) == ("New", "Short")
        assert changed["version"] == post["version"] + 1

    def test_a_change_needs_the_version_that_it_is_based_on(self, editor):
        post = building.post(editor)

        response = editor.patch(f"{POSTS}/{post['id']}", json={"title": "New"})

        assert (response.status_code, response.json["reason"]) == (428, "version_required")

    def test_a_change_of_an_older_version_is_refused(self, editor):
        post = building.post(editor)
        url, based_on = f"{POSTS}/{post['id']}", {"If-Match": f'"{post["version"]}"'}
        assert editor.patch(url, json={"title": "First"}, headers=based_on).status_code == 200

        response = editor.patch(url, json={"title": "Second"}, headers=based_on)

        assert (response.status_code, response.json["reason"]) == (412, "stale_version")
        assert editor.get(url).json["data"]["title"] == "First"

    def test_links_keep_their_order(self, editor):
        tags = [building.tag(editor)["id"] for _ in range(3)]
        post = building.post(editor, tag_ids=tags)

        editor.patch(f"{POSTS}/{post['id']}", json={"tag_ids": tags[::-1]}, headers=ANY)

        assert editor.get(f"{POSTS}/{post['id']}").json["data"]["tag_ids"] == tags[::-1]


class TestLinks:
    def test_faqs_are_linked_in_order(self, editor):
        post, faqs = building.post(editor), [building.faq(editor)["id"] for _ in range(3)]

        url = f"{POSTS}/{post['id']}/faqs"
        response = editor.put(url, json={"faq_ids": faqs[::-1]}, headers=ANY)

        assert response.json["data"]["faq_ids"] == faqs[::-1]

    def test_neighbours_are_picked_in_order_with_a_note(self, editor):
        post, first, second = (building.post(editor)["id"] for _ in range(3))
        picks = [{"post_id": second, "note": "Read next"}, {"post_id": first, "note": None}]

        url = f"{POSTS}/{post}/related"
        response = editor.put(url, json={"related": picks, "excluded": []}, headers=ANY)

        assert response.json["data"]["related"] == picks

    @pytest.mark.parametrize(
        ("related", "excluded", "reason"),
        [
            (["self"], [], "self_link"),
            ([], ["self"], "self_link"),
            (["other", "other"], [], "doubled_id"),
            (["other"], ["other"], "doubled_id"),
            ([building.NOWHERE], [], "unknown_id"),
            ([], [building.NOWHERE], "unknown_id"),
        ],
    )
    def test_impossible_neighbours_are_refused(self, editor, related, excluded, reason):
        known = {"self": building.post(editor)["id"], "other": building.post(editor)["id"]}
        picks = [{"post_id": known.get(one, one)} for one in related]
        body = {"related": picks, "excluded": [known.get(one, one) for one in excluded]}

        response = editor.put(f"{POSTS}/{known['self']}/related", json=body, headers=ANY)

        assert (response.status_code, response.json["reason"]) == (422, reason)


class TestList:
    def test_every_filter_narrows_the_list(self, editor):
        tag, category = building.tag(editor), building.category(editor)
        inner = building.category(editor, parent_id=category["id"])
        author = building.author(editor)
        post = building.published_post(
            editor,
            title="Wärme",
            tag_ids=[tag["id"]],
            category_id=inner["id"],
            author_ids=[author["id"]],
        )
        building.post(editor, title="Something else")
        filters = [f"tag={tag['slug']}", f"category={category['slug']}", "status=published"]
        filters += [f"author={author['slug']}", "q=warme", "q=WÄR", f"created_by={editor.user_id}"]

        for one in filters:
            found = editor.get(f"{POSTS}?{one}").json["data"]
            assert post["id"] in [item["id"] for item in found], one
        assert len(editor.get(f"{POSTS}?{filters[0]}").json["data"]) == 1

    @pytest.mark.threat("B5")
    def test_wildcards_are_only_letters(self, editor):
        building.post(editor, title="Plain")

        for text in ("%25", "_", "%5C"):
            assert editor.get(f"{POSTS}?q={text}").json["data"] == []

    def test_pages_join_to_the_whole_list(self, editor):
        made = [building.post(editor)["id"] for _ in range(7)]

        found, url = [], f"{POSTS}?limit=3&sort=created_at"
        while url:
            page = editor.get(url).json
            found += [post["id"] for post in page["data"]]
            url = page["links"]["next"]

        assert found == made

    def test_the_cost_does_not_depend_on_the_number_of_posts(self, editor, count_queries):
        building.post(editor)
        with count_queries() as one:
            editor.get(POSTS)
        for _ in range(5):
            building.post(editor, tag_ids=[building.tag(editor)["id"]])
        with count_queries() as many:
            editor.get(POSTS)

        assert len(one) == len(many) > 0
