"""What uses a thing, as editors see it before they change that."""

import pytest

from tests import building
from tests.api.refusals import assert_problem
from tests.building import ANY, TERMS

MANAGE = "/api/v1/manage"
FIELDS = {"tags": "tag_ids", "categories": "category_id", "authors": "author_ids"}
LATER = "2500-01-01T00:00:00Z"

each_kind = pytest.mark.parametrize("kind", TERMS)


def filed(kind, term):
    return {FIELDS[kind]: term["id"] if kind == "categories" else [term["id"]]}


def one(client, kind, thing):
    return client.get(f"{MANAGE}/{kind}/{thing['id']}").json["data"]


def used_by(client, kind, term):
    found = one(client, kind, term)["used_by"]
    return found["working_copies"], found["publications"]


@each_kind
class TestATerm:
    def test_counts_drafts_and_what_is_public_or_waits(self, editor, kind):
        term = TERMS[kind](editor)
        counts = [used_by(editor, kind, term)]

        post = building.post(editor, **filed(kind, term))
        counts.append(used_by(editor, kind, term))
        building.publish(editor, post)
        counts.append(used_by(editor, kind, term))
        editor.patch(f"{MANAGE}/posts/{post['id']}", json={"title": "Again"}, headers=ANY)
        building.publish(editor, post, publish_at=LATER)
        counts.append(used_by(editor, kind, term))

        assert counts == [(0, 0), (1, 0), (1, 1), (1, 2)]

    def test_counts_only_where_it_is_read_alone(self, editor, kind):
        term = TERMS[kind](editor)

        assert "used_by" not in editor.get(f"{MANAGE}/{kind}").json["data"][0]
        assert one(editor, kind, term)["version"] == 1

    def test_names_ten_of_what_keeps_it(self, editor, kind):
        term = TERMS[kind](editor)
        for number in range(12):
            building.post(editor, title=f"Post {number:02}", **filed(kind, term))

        refused = editor.delete(f"{MANAGE}/{kind}/{term['id']}", headers=ANY)

        found = assert_problem(refused, 409, "in_use")["used_in"]
        assert [user["title"] for user in found] == [f"Post {n:02}" for n in range(10)]
        assert {user["kind"] for user in found} == {"post"}
        assert set(found[0]) == {"kind", "id", "slug", "title"}

    def test_names_a_post_that_uses_it_only_in_public(self, editor, kind):
        term = TERMS[kind](editor)
        post = building.published_post(editor, **filed(kind, term))
        nothing = {FIELDS[kind]: None if kind == "categories" else []}
        editor.patch(f"{MANAGE}/posts/{post['id']}", json=nothing, headers=ANY)

        refused = editor.delete(f"{MANAGE}/{kind}/{term['id']}", headers=ANY)

        assert [user["id"] for user in refused.json["used_in"]] == [post["id"]]


class TestAReviewer:
    def test_is_used_by_what_they_reviewed(self, editor):
        author = building.author(editor, credentials="MD")
        post = building.post(editor)
        review = building.review(editor, reviewed_by=author["id"])
        editor.post(f"{MANAGE}/posts/{post['id']}/review", json=review, headers=ANY)

        refused = editor.delete(f"{MANAGE}/authors/{author['id']}", headers=ANY)

        assert used_by(editor, "authors", author) == (1, 0)
        assert [user["id"] for user in refused.json["used_in"]] == [post["id"]]


class TestACategory:
    def test_says_what_it_is_in_and_how_many_are_in_it(self, editor):
        top = building.category(editor, name="Top")
        middle = building.category(editor, name="Middle", parent_id=top["id"])
        low = building.category(editor, name="Low", parent_id=middle["id"])
        building.published_post(editor, category_id=low["id"])

        found = {name: one(editor, "categories", it) for name, it in (("t", top), ("l", low))}

        assert [(a["slug"], a["name"]) for a in found["l"]["ancestors"]] == [
            ("top", "Top"),
            ("middle", "Middle"),
        ]
        assert found["t"]["used_by"] == {"working_copies": 0, "publications": 1, "categories": 1}

    def test_names_the_categories_that_keep_it(self, editor):
        top = building.category(editor)
        low = building.category(editor, name="Low", parent_id=top["id"])

        refused = editor.delete(f"{MANAGE}/categories/{top['id']}", headers=ANY)

        user = {"kind": "category", "id": low["id"], "slug": "low", "title": "Low"}
        assert refused.json["used_in"] == [user]


class TestAFaq:
    def test_names_the_posts_that_show_it_in_draft_or_in_public(self, editor):
        faq = building.published_faq(editor)
        shown = {"faq_ids": [faq["id"]]}
        posts = [building.post(editor, title=title) for title in ("Both", "Draft", "Public")]
        for post in posts:
            editor.put(f"{MANAGE}/posts/{post['id']}/faqs", json=shown, headers=ANY)
        for post in (posts[0], posts[2]):
            building.publish(editor, post)
        url = f"{MANAGE}/posts/{posts[2]['id']}/faqs"
        editor.put(url, json={"faq_ids": []}, headers=ANY)

        found = one(editor, "faqs", faq)["used_in"]

        assert [(post["title"], post["status"]) for post in found] == [
            ("Both", "published"),
            ("Draft", "draft"),
            ("Public", "published"),
        ]
        assert set(found[0]) == {"id", "slug", "title", "status"}

    def test_names_none_in_a_list(self, editor):
        building.faq(editor)

        assert "used_in" not in editor.get(f"{MANAGE}/faqs").json["data"][0]


class TestAPost:
    def test_names_the_posts_that_pick_it(self, editor):
        post, other, third = (building.post(editor, title=title) for title in "ABC")
        picks = {"related": [{"post_id": post["id"]}]}
        for one_of in (third, other):
            editor.put(f"{MANAGE}/posts/{one_of['id']}/related", json=picks, headers=ANY)
        editor.delete(f"{MANAGE}/posts/{third['id']}", headers=ANY)

        found = one(editor, "posts", post)["picked_by"]

        assert [(picker["title"], picker["status"]) for picker in found] == [
            ("B", "draft"),
            ("C", "trashed"),
        ]
        assert one(editor, "posts", other)["picked_by"] == []
        assert one(editor, "posts", other)["related"][0]["post_id"] == post["id"]

    def test_names_the_posts_that_exclude_it(self, editor):
        post, other = (building.post(editor, title=title) for title in "AB")
        values = {"related": [], "excluded": [post["id"]]}
        editor.put(f"{MANAGE}/posts/{other['id']}/related", json=values, headers=ANY)

        found = one(editor, "posts", post)

        assert [(one["title"], one["status"]) for one in found["excluded_by"]] == [("B", "draft")]
        assert found["picked_by"] == one(editor, "posts", other)["excluded_by"] == []

    def test_names_none_in_a_list(self, editor):
        building.post(editor)

        assert "picked_by" not in editor.get(f"{MANAGE}/posts").json["data"][0]

    def test_asks_as_often_for_twenty_as_for_two(self, editor, count_queries):
        post, pickers = building.post(editor), [building.post(editor) for _ in range(20)]
        counts = []
        for number in (2, 20):
            for picker in pickers[:number]:
                url, picks = f"{MANAGE}/posts/{picker['id']}/related", [{"post_id": post["id"]}]
                editor.put(url, json={"related": picks}, headers=ANY)
            with count_queries() as statements:
                assert len(one(editor, "posts", post)["picked_by"]) == number
            counts.append(len(statements))

        assert counts[0] == counts[1]
