"""The history of posts and FAQs, as editors read it."""

import pytest
from sqlalchemy import delete

from cms.database import transaction
from cms.extensions import db
from cms.models import User
from tests import building
from tests.building import ANY, NOWHERE, markdown
from tests.revising import BODY, MAKERS, TITLE, diff, history, revised, save, url_of

KINDS = list(MAKERS)


@pytest.mark.parametrize("kind", KINDS)
class TestListing:
    def test_shows_the_newest_first(self, editor, kind):
        entry = revised(editor, kind)

        found = editor.get(f"{url_of(entry)}/revisions").json["data"]

        assert [(one["number"], one["note"]) for one in found] == [(3, "3"), (2, "2"), (1, "1")]
        assert found[0]["changed_fields"] == [TITLE[kind]]
        assert found[0]["created_by"] == {"id": editor.user_id, "name": "A editor"}
        assert found[0]["created_at"] == found[0]["updated_at"] == entry["updated_at"]
        assert set(found[2]["changed_fields"]) == {TITLE[kind], BODY[kind]}

    def test_joins_pages_to_the_whole(self, editor, kind):
        entry = revised(editor, kind, 5)
        MAKERS[kind](editor)

        found, url = [], f"{url_of(entry)}/revisions?limit=2&total=true"
        while url:
            page = editor.get(url).json
            found += [one["number"] for one in page["data"]]
            url = page["links"]["next"]

        assert (found, page["meta"]["total"]) == ([5, 4, 3, 2, 1], 5)

    def test_refuses_the_cursor_of_another_history(self, editor, kind):
        one, other = revised(editor, kind), revised(editor, kind)
        cursor = editor.get(f"{url_of(one)}/revisions?limit=1").json["meta"]["next_cursor"]

        response = editor.get(f"{url_of(other)}/revisions?limit=1&cursor={cursor}")

        assert (response.status_code, response.json["reason"]) == (400, "bad_cursor")

    def test_says_which_is_live_and_which_is_there_now(self, editor, kind):
        entry = revised(editor, kind, 2)
        building.publish(editor, entry)
        save(editor, entry, **{TITLE[kind]: "Newer"})

        shown = [(one["is_live"], one["is_current"]) for one in history(editor, entry)]
        editor.delete(f"{url_of(entry)}/publication", headers=ANY)
        offline = [one["is_live"] for one in history(editor, entry)]

        assert shown == [(False, False), (True, False), (False, True)]
        assert offline == [False, False, False]

    def test_names_nobody_who_has_gone(self, app, sign_in, admin, kind):
        entry = revised(sign_in("editor"), kind, 1)
        with app.app_context(), transaction():
            db.session.execute(delete(User).where(User.name == "A editor"))

        assert history(admin, entry)[0]["created_by"] is None

    def test_costs_the_same_however_long_it_is(self, editor, count_queries, kind):
        short, long = revised(editor, kind, 2), revised(editor, kind, 9)
        counts = []
        for entry in (short, long):
            with count_queries() as statements:
                editor.get(f"{url_of(entry)}/revisions")
            counts.append(len(statements))

        assert counts[0] == counts[1] > 0
        assert not any("revisions.fields" in one for one in statements)


@pytest.mark.parametrize("kind", KINDS)
class TestReading:
    def test_shows_every_field_as_it_was(self, editor, kind):
        tags = [building.tag(editor)["id"] for _ in range(2)]
        entry = MAKERS[kind](editor, tag_ids=tags, slug="first", **{BODY[kind]: markdown("*A*")})
        other = {BODY[kind]: {"format": "html", "source": "<p>B"}, "slug": "second"}
        now = save(editor, entry, tag_ids=tags[::-1], **other)

        response = editor.get(f"{url_of(entry)}/revisions/1")

        kept = response.json["data"]["fields"]
        assert (kept["tag_ids"], kept["slug"], kept[BODY[kind]]) == (tags, "first", markdown("*A*"))
        assert kept[TITLE[kind]] == entry[TITLE[kind]]
        assert response.headers["ETag"] == f'"{now["version"]}"'

    def test_knows_no_other_number(self, editor, kind):
        entry = revised(editor, kind, 1)

        for number in ("0", "2", "01", "-1", "1.0", "x", "99999999999", "%D9%A1", "1%0A", "²"):
            for rest in ("", "/diff"):
                url = f"{url_of(entry)}/revisions/{number}{rest}"
                assert editor.get(url).status_code == 404, url
            url = f"{url_of(entry)}/revisions/{number}/restore"
            assert editor.post(url, json={}, headers=ANY).status_code == 404, url

    def test_knows_no_entry_of_another_kind(self, editor, kind):
        entry = revised(editor, kind, 1)
        other = "faqs" if kind == "posts" else "posts"

        for entry_id in (NOWHERE, entry["id"]):
            url = f"/api/v1/manage/{other}/{entry_id}/revisions"
            answers = [editor.get(url), editor.get(f"{url}/1"), editor.get(f"{url}/1/diff")]
            answers.append(editor.post(f"{url}/1/restore", json={}, headers=ANY))
            assert [one.status_code for one in answers] == [404] * 4


class TestComparing:
    def test_shows_texts_line_by_line(self, editor):
        post = building.post(editor, title="Heat", body=markdown("One\n\nTwo\n\nThree"))
        save(editor, post, title="Warmth", body="One\n\n2\n\nThree")

        found = diff(editor, post, 2)

        assert set(found) == {"title", "body.source"}
        assert found["title"]["diff"] == "@@ -1,1 +1,1 @@\n-Heat\n+Warmth"
        body = "@@ -1,5 +1,5 @@\n One\n \n-Two\n+2\n \n Three"
        assert found["body.source"] == {"kind": "text", "diff": body, "coarse": False}

    def test_names_what_a_faq_calls_otherwise(self, editor):
        faq = building.faq(editor, position=1)
        save(editor, faq, question="Why?", position=2, answer=markdown("So."))

        found = diff(editor, faq, 2)

        assert set(found) == {"question", "answer.source", "position"}
        assert found["position"] == {"kind": "value", "before": 1, "after": 2}

    def test_shows_values_before_and_after(self, editor):
        post = building.post(editor, slug="heat", seo={"noindex": True})
        body = {"format": "html", "source": post["body"]["source"]}
        save(editor, post, slug="warmth", seo={"title": "Warm"}, body=body, locale="es")

        found = diff(editor, post, 2)

        values = {name: (one["before"], one["after"]) for name, one in found.items()}
        assert values == {
            "slug": ("heat", "warmth"),
            "locale": ("en", "es"),
            "body.format": ("markdown", "html"),
            "seo.title": (None, "Warm"),
            "seo.noindex": (True, None),
        }

    @pytest.mark.parametrize(
        ("name", "make"),
        [
            ("tag_ids", building.tag),
            ("author_ids", building.author),
        ],
    )
    def test_names_what_was_added_removed_and_moved(self, editor, name, make):
        made = [make(editor) for _ in range(5)]
        ids = [one["id"] for one in made]
        post = building.post(editor, **{name: ids[:4]})
        save(editor, post, **{name: [ids[3], ids[0], ids[1], ids[4]]})

        found = diff(editor, post, 2)[name]

        assert named(found) == {
            "added": [made[4]["name"]],
            "removed": [made[2]["name"]],
            "moved": [made[3]["name"]],
            "noted": [],
        }

    def test_names_the_category_the_faqs_and_the_neighbours(self, editor):
        category, faq, other = (
            building.category(editor),
            building.faq(editor),
            building.post(editor),
        )
        post = building.post(editor)
        pick = {"post_id": other["id"], "note": "Read next"}
        save(editor, post, category_id=category["id"])
        editor.put(f"{url_of(post)}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)
        editor.put(f"{url_of(post)}/related", json={"related": [pick]}, headers=ANY)

        found = diff(editor, post, 2)

        added = {name: named(one)["added"] for name, one in found.items()}
        assert added == {
            "category_id": [category["name"]],
            "faq_ids": [faq["question"]],
            "related": [other["title"]],
        }

    def test_shows_the_note_of_a_pick_that_changed(self, editor):
        other, post = building.post(editor), building.post(editor)
        for note in ("Before", "After"):
            pick = {"post_id": other["id"], "note": note}
            editor.put(f"{url_of(post)}/related", json={"related": [pick]}, headers=ANY)
            save(editor, post, excerpt=note, note=note)

        (noted,) = diff(editor, post, 3)["related"]["noted"]

        assert (noted["name"], noted["before"], noted["after"]) == (
            other["title"],
            "Before",
            "After",
        )

    def test_gives_no_name_to_what_has_gone(self, editor):
        tag = building.tag(editor)
        post = building.post(editor, tag_ids=[tag["id"]])
        save(editor, post, tag_ids=[])
        editor.delete(f"/api/v1/manage/tags/{tag['id']}", headers=ANY)

        assert diff(editor, post, 2)["tag_ids"]["removed"] == [{"id": tag["id"], "name": None}]

    def test_takes_any_two(self, editor):
        post = revised(editor, "posts", 4)

        assert diff(editor, post, 4, 2)["title"]["diff"] == "@@ -1,1 +1,1 @@\n-Title 2\n+Title 4"
        assert diff(editor, post, 2, 4)["title"]["diff"] == "@@ -1,1 +1,1 @@\n-Title 4\n+Title 2"
        assert diff(editor, post, 3, 3) == {}

    def test_takes_what_is_live(self, editor):
        post = building.publish(editor, revised(editor, "posts", 2))
        save(editor, post, title="Newest", note="3")

        url = f"{url_of(post)}/revisions"
        found = editor.get(f"{url}/3/diff?against=live").json["data"]
        editor.delete(f"{url_of(post)}/publication", headers=ANY)

        assert (found["number"], found["against"]) == (3, 2)
        assert found["differences"][0]["diff"] == "@@ -1,1 +1,1 @@\n-Title 2\n+Newest"
        assert editor.get(f"{url}/3/diff?against=live").status_code == 404

    def test_shows_the_first_one_as_new(self, editor):
        post = building.post(editor, title="Heat", slug="heat", body=markdown("Warm."))

        found = editor.get(f"{url_of(post)}/revisions/1/diff").json["data"]

        assert found["against"] is None
        names = [one["field"] for one in found["differences"]]
        assert names == ["body.format", "body.source", "locale", "slug", "title"]

    @pytest.mark.parametrize("text", ["0", "-1", "1.0", "x", "LIVE", "", "1\n", "1" * 10, "٣"])
    def test_refuses_what_is_no_number(self, editor, text):
        post = revised(editor, "posts", 2)

        response = editor.get(f"{url_of(post)}/revisions/2/diff", query_string={"against": text})

        assert (response.status_code, response.json["reason"]) == (400, "bad_parameter")

    def test_of_two_hostile_bodies_says_that_it_is_coarse(self, editor):
        texts = ["\n".join(str(n * k % 7) for n in range(50_000)) for k in (1, 3)]
        html = [{"format": "html", "source": f"<pre>{text}"} for text in texts]
        post = building.post(editor, body=html[0])
        save(editor, post, body=html[1])

        assert diff(editor, post, 2)["body.source"]["coarse"]


def named(found):
    """The names in each group of a difference of links."""
    return {group: [one["name"] for one in found[group]] for group in found.keys() - {"kind"}}
