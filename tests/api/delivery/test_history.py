"""The public history of a post: what it said, how that changed, and what was taken out."""

import json

import pytest

from cms.services.delivery import history
from tests import building
from tests.building import ANY, markdown, source
from tests.test_statements import reads  # noqa: F401 - a fixture

POSTS = "/api/v1/manage/posts"


@pytest.fixture
def post(editor):
    return building.published_post(
        editor, slug="heat", title="Heat", excerpt="Short.", body=markdown("One.\n\nTwo.")
    )


def texts(client, query="", slug="heat"):
    answer = client.get(f"/api/v1/posts/{slug}/history{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def redact(editor, post, entry, reason="It named a patient."):
    url = f"{POSTS}/{post['id']}/history/{entry['id']}"
    answer = editor.delete(url, query_string={"reason": reason}, headers=ANY)
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


class TestAText:
    def test_that_was_the_first_has_no_changes(self, client, post):
        (only,) = texts(client)

        assert only.pop("id")
        assert only == {
            "published_at": client.get("/api/v1/posts/heat").json["data"]["updated_at"],
            "redacted": False,
            "correction_note": None,
            "changes": {},
        }

    def test_shows_how_it_differs_from_the_one_before(self, editor, client, post):
        changes = {"title": "Warmth", "excerpt": "Shorter.", "body": markdown("One.\n\n2.")}
        building.corrected(editor, post["id"], "We were wrong.", **changes)

        latest, _ = texts(client)

        assert latest["correction_note"] == "We were wrong."
        head = "--- before\n+++ after\n"
        assert latest["changes"] == {
            "title": f"{head}@@ -1,1 +1,1 @@\n-Heat\n+Warmth\n",
            "excerpt": f"{head}@@ -1,1 +1,1 @@\n-Short.\n+Shorter.\n",
            "body": f"{head}@@ -1,3 +1,3 @@\n One.\n \n-Two.\n+2.\n",
        }

    def test_shows_how_the_sources_changed(self, editor, client, post):
        building.corrected(editor, post["id"], sources=[source(title="A study", year=2021)])

        assert texts(client)[0]["changes"] == {
            "sources": "--- before\n+++ after\n@@ -0,0 +1,1 @@\n+1. A study. 2021\n"
        }

    def test_of_the_same_words_changes_nothing(self, editor, client, post):
        note = {"correction_note": "The date was wrong."}
        editor.put(f"{POSTS}/{post['id']}/publication", json=note, headers=ANY)

        latest, _ = texts(client)

        assert (latest["correction_note"], latest["changes"]) == ("The date was wrong.", {})

    def test_that_is_too_long_is_not_compared(self, editor, client, post):
        long = markdown("word " * (history.LONGEST_BODY // 4))
        building.corrected(editor, post["id"], body=long)
        building.corrected(editor, post["id"], title="Warmth")

        latest, before, _ = texts(client)

        assert before["changes"]["body"] == history.TOO_LONG
        assert latest["changes"]["body"] == history.TOO_LONG

    def test_that_was_never_public_is_no_part_of_it(self, editor, client, post):
        url = f"{POSTS}/{post['id']}"
        editor.patch(url, json={"title": "A secret"}, headers=ANY)
        building.corrected(editor, post["id"], title="Warmth")
        editor.patch(url, json={"title": "Another secret"}, headers=ANY)

        assert len(texts(client)) == 2
        assert "secret" not in json.dumps(texts(client))

    def test_that_was_offline_in_between_stays(self, editor, client, post):
        editor.delete(f"{POSTS}/{post['id']}/publication", headers=ANY)
        building.publish(editor, post)

        assert len(texts(client)) == 2

    def test_that_waits_or_was_cancelled_is_no_part_of_it(self, editor, client, post):
        url = f"{POSTS}/{post['id']}"
        editor.patch(url, json={"title": "A secret"}, headers=ANY)
        building.publish(editor, post, publish_at="2500-01-01T00:00:00Z")
        waits = client.get("/api/v1/posts/heat/history?total=true").json

        editor.delete(f"{url}/publication/scheduled", headers=ANY)

        assert (len(waits["data"]), waits["meta"]["total"]) == (1, 1)
        assert texts(client) == waits["data"]


class TestTheList:
    def test_is_newest_first_and_comes_in_pages(self, editor, client, post):
        for number in range(4):
            building.corrected(editor, post["id"], title=f"Title {number}")
        whole = texts(client)

        found, url = [], "/api/v1/posts/heat/history?limit=2&total=true"
        while url:
            page = client.get(url).json
            assert page["meta"]["total"] == 5
            found += page["data"]
            url = (page["links"]["next"] or "").removeprefix("http://api.example.org")

        assert found == whole
        assert [one["published_at"] for one in found] == sorted(
            (one["published_at"] for one in found), reverse=True
        )
        assert "+Title 3" in found[0]["changes"]["title"]
        assert "-Title 0" in found[2]["changes"]["title"]

    def test_of_a_post_that_is_not_public_is_not_found(self, editor, client, post):
        editor.delete(f"{POSTS}/{post['id']}/publication", headers=ANY)

        for slug in ("heat", building.post(editor)["slug"], "nothing"):
            assert client.get(f"/api/v1/posts/{slug}/history").status_code == 404

    def test_of_a_past_slug_leads_to_the_present_one(self, editor, client, post):
        building.corrected(editor, post["id"], slug="warmth")

        answer = client.get("/api/v1/posts/heat/history?limit=1")

        assert answer.status_code == 301
        there = "http://api.example.org/api/v1/posts/warmth/history?limit=1"
        assert answer.headers["Location"] == there

    def test_has_an_etag_that_changes_with_it(self, editor, client, post):
        url = "/api/v1/posts/heat/history"
        known = {"If-None-Match": client.get(url).headers["ETag"]}
        assert client.get(url, headers=known).status_code == 304

        building.corrected(editor, post["id"], title="Warmth")

        assert client.get(url, headers=known).status_code == 200

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "sort=id", "locale=xx"])
    def test_refuses_what_it_does_not_know(self, client, post, query):
        assert client.get(f"/api/v1/posts/heat/history?{query}").status_code == 400


class TestATextTakenOut:
    @pytest.fixture
    def three(self, editor, post):
        """Three texts; only the middle one says what nobody may read."""
        building.corrected(
            editor, post["id"], "A slip.", title="Ann Roe", body=markdown("One.\n\nAnn Roe.")
        )
        building.corrected(editor, post["id"], title="Warmth", body=markdown("One.\n\n2."))
        return post

    def test_leaves_its_date_and_the_reason(self, editor, client, three):
        _, middle, _ = texts(client)

        redact(editor, three, middle)

        assert texts(client)[1] == {
            "id": middle["id"],
            "published_at": middle["published_at"],
            "redacted": True,
            "reason": "It named a patient.",
        }

    def test_shows_in_no_difference_around_it(self, editor, client, three):
        assert "Ann" in json.dumps(texts(client))

        redact(editor, three, texts(client)[1])

        latest, _, first = texts(client)
        assert "Ann" not in json.dumps(texts(client))
        assert "-Heat\n+Warmth\n" in latest["changes"]["title"]
        assert first["changes"] == {}

    def test_shows_on_no_page(self, editor, client, three):
        redact(editor, three, texts(client)[1])
        whole = texts(client)

        found, url = [], "/api/v1/posts/heat/history?limit=1"
        while url:
            page = client.get(url).json
            found += page["data"]
            url = (page["links"]["next"] or "").removeprefix("http://api.example.org")

        assert found == whole

    def test_that_was_the_first_leaves_the_next_without_changes(self, editor, client, three):
        redact(editor, three, texts(client)[2])

        _, middle, first = texts(client)
        assert first["redacted"] is True
        assert middle["changes"] == {}

    def test_and_all_before_it_leave_the_latest_without_changes(self, editor, client, three):
        for entry in texts(client)[1:]:
            redact(editor, three, entry)

        assert texts(client)[0]["changes"] == {}
        assert texts(client, "?limit=1")[0]["changes"] == {}


@pytest.mark.thorough
def test_the_history_of_twenty_texts_takes_one_statement_more_than_that_of_two(
    editor,
    client,
    post,
    reads,  # noqa: F811
):
    building.corrected(editor, post["id"], title="Warmth")
    few = asked(client, reads)

    for number in range(20):
        building.corrected(editor, post["id"], title=f"Title {number}")

    # What the last text of a page is compared with stands on the next.
    assert (few, asked(client, reads)) == (2, 3)


def asked(client, reads):  # noqa: F811
    # What was changed is learnt with the first answer, whichever it is.
    client.get("/api/v1/site")
    with reads() as statements:
        texts(client)
    return len(statements)
