"""FAQs as editors change, find and publish them."""

import pytest

from tests import building
from tests.building import ANY, NOWHERE, markdown

FAQS = "/api/v1/manage/faqs"
PUBLIC = "/api/v1/faqs"


def url_of(faq):
    return f"{FAQS}/{faq['id']}"


def change(editor, faq, **changes):
    response = editor.patch(url_of(faq), json=changes, headers=ANY)
    assert response.status_code == 200, response.json
    return response.json["data"]


def unpublish(editor, faq):
    return editor.delete(f"{url_of(faq)}/publication", headers=ANY)


def questions(response):
    assert response.status_code == 200, response.json
    return [one["question"] for one in response.json["data"]]


class TestCreating:
    def test_starts_a_draft_with_its_answer_rendered(self, editor):
        values = {"question": "Why *heat*?", "answer": markdown("It *warms*."), "position": 3}

        response = editor.post(FAQS, json=values)

        faq = response.json["data"]
        assert response.status_code == 201
        assert response.headers["Location"].endswith(f"/faqs/{faq['id']}")
        assert (faq["slug"], faq["status"], faq["position"]) == ("why-heat", "draft", 3)
        assert faq["question"] == "Why *heat*?"
        assert faq["answer"]["html"] == "<p>It <em>warms</em>.</p>"

    def test_has_a_slug_of_its_own_beside_a_post(self, editor):
        building.post(editor, slug="heat")

        assert building.faq(editor, slug="heat")["slug"] == "heat"
        assert building.faq(editor, question="Heat")["slug"] == "heat-2"

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"question": ""}, "/question"),
            ({"question": "x" * 301}, "/question"),
            ({"answer": {"format": "rtf", "source": ""}}, "/answer/format"),
            ({"answer": "plain"}, "/answer"),
            ({"position": -1}, "/position"),
            ({"position": "1"}, "/position"),
            ({"tag_ids": [NOWHERE]}, "/tag_ids/0"),
            ({"locale": "xx"}, "/locale"),
            ({"title": "A post's"}, "/title"),
            ({"category_id": NOWHERE}, "/category_id"),
        ],
    )
    def test_names_the_field_that_it_can_not_accept(self, editor, fields, pointer):
        values = {"question": "Why?", "answer": markdown("So.")} | fields

        response = editor.post(FAQS, json=values)

        assert response.status_code == 422
        assert response.json["errors"][0]["pointer"] == pointer

    def test_names_its_answer_where_that_shows_what_is_not_there(self, editor):
        answer = markdown(f"![](media:{NOWHERE})")

        refused = editor.post(FAQS, json={"question": "Why?", "answer": answer})

        assert (refused.status_code, refused.json["reason"]) == (422, "unknown_media")
        assert refused.json["errors"][0]["pointer"] == "/answer/source"

    @pytest.mark.parametrize("missing", ["question", "answer"])
    def test_needs_both_question_and_answer(self, editor, missing):
        values = {"question": "Why?", "answer": markdown("So.")}
        del values[missing]

        response = editor.post(FAQS, json=values)

        assert response.status_code == 422
        assert response.json["errors"][0]["pointer"] == f"/{missing}"


class TestChanging:
    def test_leaves_what_is_not_named(self, editor):
        faq = building.faq(editor, question="Why?", position=4)

        changed = change(editor, faq, answer=markdown("Because."))

        assert (changed["question"], changed["position"]) == ("Why?", 4)
        assert changed["answer"]["html"] == "<p>Because.</p>"
        assert changed["version"] == faq["version"] + 1

    def test_needs_the_present_version(self, editor):
        faq = building.faq(editor)

        without = editor.patch(url_of(faq), json={"position": 1})
        stale = editor.patch(url_of(faq), json={"position": 1}, headers={"If-Match": '"9"'})

        assert (without.status_code, without.json["reason"]) == (428, "version_required")
        assert (stale.status_code, stale.json["reason"]) == (412, "stale_version")

    def test_into_what_is_there_makes_no_version(self, editor):
        faq = building.faq(editor, position=4)

        assert change(editor, faq, question=faq["question"], position=4) == faq


class TestListing:
    @pytest.mark.parametrize(
        ("sort", "wanted"),
        [
            ("position", ["Milk?", "Zebra?", "äpfel?"]),
            ("-position", ["äpfel?", "Zebra?", "Milk?"]),
            ("question", ["äpfel?", "Milk?", "Zebra?"]),
            ("-question", ["Zebra?", "Milk?", "äpfel?"]),
            ("created_at", ["Zebra?", "äpfel?", "Milk?"]),
            ("updated_at", ["äpfel?", "Milk?", "Zebra?"]),
        ],
    )
    def test_is_sorted_as_asked_page_by_page(self, editor, sort, wanted):
        faqs = [
            building.faq(editor, question=question, position=position)
            for question, position in [("Zebra?", 5), ("äpfel?", 5), ("Milk?", 1)]
        ]
        change(editor, faqs[0], answer=markdown("Striped."))
        url = f"{FAQS}?limit=2&sort={sort}"

        first = editor.get(url)
        second = editor.get(f"{url}&cursor={first.json['meta']['next_cursor']}")

        assert questions(first) + questions(second) == wanted

    def test_shows_the_last_changed_first_unless_asked_otherwise(self, editor):
        faqs = [building.faq(editor, question=f"Question {n}?") for n in range(3)]
        change(editor, faqs[0], position=1)

        assert questions(editor.get(FAQS)) == ["Question 0?", "Question 2?", "Question 1?"]

    def test_is_narrowed_by_every_filter(self, editor):
        tag = building.tag(editor, slug="warmth")
        found = building.published_faq(editor, question="Why heat?", tag_ids=[tag["id"]])
        building.faq(editor, question="Why cold?", locale="es")
        filters = ["status=published", "tag=warmth", "q=heat", "q=HEAT+why", "locale=en"]
        filters.append(f"created_by={editor.user_id}&status=published&locale=en")

        for one in filters:
            response = editor.get(f"{FAQS}?{one}&total=true")
            assert questions(response) == [found["question"]], one
            assert response.json["meta"]["total"] == 1

    @pytest.mark.parametrize("query", ["sort=title", "author=jo", "category=heat", "position=1"])
    def test_names_what_only_posts_can_be_asked(self, editor, query):
        response = editor.get(f"{FAQS}?{query}")

        assert response.status_code == 400
        assert response.json["errors"][0]["pointer"] == query.split("=")[0]


class TestPublishing:
    def test_shows_a_faq_until_it_is_taken_down(self, client, editor):
        faq = building.faq(editor)
        statuses = [client.get(f"{PUBLIC}/{faq['slug']}").status_code]

        live = building.publish(editor, faq)
        statuses.append(client.get(f"{PUBLIC}/{faq['slug']}").status_code)
        taken = unpublish(editor, faq).json["data"]
        statuses.append(client.get(f"{PUBLIC}/{faq['slug']}").status_code)

        assert statuses == [404, 200, 404]
        assert (live["status"], taken["status"]) == ("published", "offline")
        assert taken["taken_offline"]["revision"] == live["revision"]

    def test_keeps_later_changes_private_until_it_is_done_again(self, client, editor):
        faq = building.published_faq(editor, question="Before?", answer=markdown("*Then*."))
        changed = change(editor, faq, question="After?", answer=markdown("*Now*."))
        url = f"{PUBLIC}/{faq['slug']}"

        before = client.get(url).json["data"]
        building.publish(editor, faq)
        after = client.get(url).json["data"]

        assert (faq["has_unpublished_changes"], changed["has_unpublished_changes"]) == (False, True)
        assert (before["question"], before["answer"]["text"]) == ("Before?", "Then.")
        assert (after["question"], after["answer"]["html"]) == ("After?", "<p><em>Now</em>.</p>")

    def test_makes_a_new_position_public_with_everything_else(self, client, editor):
        first, second = (building.published_faq(editor, position=n) for n in (1, 2))
        change(editor, first, position=3)

        before = questions(client.get(PUBLIC))
        building.publish(editor, first)

        assert before == [first["question"], second["question"]]
        assert questions(client.get(PUBLIC)) == before[::-1]

    def test_refuses_an_answer_that_shows_nothing(self, client, editor):
        faq = building.faq(editor, answer=markdown("  "))

        response = editor.put(f"{url_of(faq)}/publication", json={}, headers=ANY)

        assert (response.status_code, response.json["reason"]) == (409, "not_publishable")
        assert questions(client.get(PUBLIC)) == []
