"""Words that are everywhere are not weighed: titles come first, then what is new."""

from unittest.mock import Mock

import pytest

from cms.models import Kind
from cms.services.delivery import common_words, list_statements
from cms.services.delivery.list_statements import counting as counted
from cms.services.delivery.moment import present
from cms.services.search_terms import Part
from tests import building

TITLES = ["Cold", "Heat", "Warm", "Heat again", "Heating"]


@pytest.fixture
def common(config, monkeypatch):
    """Three texts are many, in the statements that count them as well."""
    if config.database_url:
        pytest.skip("PostgreSQL weighs words without counting")
    monkeypatch.setattr(common_words, "MANY", 3)
    # Tests share the reader of the site that others have found to be small.
    monkeypatch.setattr(common_words, "_small", {})


@pytest.fixture
def posts(editor, common):
    body = {"format": "markdown", "source": "Some heat and coldness."}
    return [building.published_post(editor, title=title, body=body) for title in TITLES]


def found(client, query):
    return [hit["title"] for hit in client.get(f"/api/v1/search?q={query}").json["data"]]


def test_titles_come_first_then_what_is_new(client, posts):
    assert found(client, "heat") == ["Heat again", "Heat", "Heating", "Warm", "Cold"]


def test_a_word_that_is_everywhere_is_not_asked_to_go_on(client, editor, posts):
    building.published_post(editor, title="Heatstroke")

    assert "Heatstroke" not in found(client, "heat")
    assert "Heatstroke" in found(client, "heats")
    assert "Heatstroke" in found(client, "heat*")
    listed = client.get("/api/v1/posts?q=heat").json["data"]
    assert "Heatstroke" in [post["title"] for post in listed]


def test_titles_are_looked_through_for_what_is_not_everywhere(client, editor, posts, monkeypatch):
    monkeypatch.setattr(common_words, "MANY", 4)
    for title in ("Heat-wave", "Some waves", "Heat, again"):
        body = {"format": "markdown", "source": "A wave of heat."}
        building.published_post(editor, title=title, body=body)

    titles = ["Some waves", "Heat-wave", "Heat, again"]
    assert found(client, "heat+wave") == found(client, "heat+wav*") == titles
    assert found(client, "wave+heat") == ["Heat-wave", "Heat, again", "Some waves"]


def test_what_begins_many_words_is_not_weighed(client, posts, editor):
    for number in range(3):
        building.published_post(editor, title=f"Coldest {number}")

    hits = client.get("/api/v1/search?q=coldes").json["data"]
    assert {hit["score"] for hit in hits} == {1.0}


@pytest.mark.parametrize("before", [1, 100])
def test_the_pages_of_a_search_are_of_one_order(client, posts, monkeypatch, before):
    whole = found(client, "heat") if before == 1 else None
    monkeypatch.setattr(common_words, "MANY", before)
    first = client.get("/api/v1/search?q=heat&limit=2").json
    monkeypatch.setattr(common_words, "MANY", 101 - before)

    rest = client.get(f"/api/v1/search?q=heat&cursor={first['meta']['next_cursor']}").json

    titles = [hit["title"] for hit in [*first["data"], *rest["data"]]]
    assert sorted(titles) == sorted(TITLES)
    assert whole in (None, titles)


def test_what_begins_so_is_found_everywhere_too(client, posts):
    assert len(found(client, "coldn")) == len(TITLES)


def test_pages_of_such_hits_follow_each_other(client, posts):
    first = client.get("/api/v1/search?q=heat&limit=2&total=true").json
    rest = client.get(f"/api/v1/search?q=heat&cursor={first['meta']['next_cursor']}").json

    assert first["meta"]["total"] == len(TITLES)
    titles = [hit["title"] for hit in [*first["data"], *rest["data"]]]
    assert titles == found(client, "heat")


def test_a_rare_word_beside_one_that_is_everywhere_is_found(client, editor, posts):
    building.published_post(editor, title="Zebra", body={"format": "markdown", "source": "Heat."})

    assert found(client, "heat+zebra") == ["Zebra"]
    listed = client.get("/api/v1/posts?q=heat+zebra").json["data"]
    assert [post["title"] for post in listed] == ["Zebra"]


def test_lists_of_what_is_everywhere_keep_their_order(client, posts, monkeypatch):
    monkeypatch.setattr(list_statements, "counting", counting := Mock(wraps=counted))

    listed = client.get("/api/v1/posts?q=heat&sort=title&total=true").json

    assert [post["title"] for post in listed["data"]] == sorted(TITLES)
    assert listed["meta"]["total"] == len(TITLES)
    # To ask each row for the words would take seconds.
    assert [call.args[0].words for call in counting.call_args_list] == ["few"]


def test_what_another_database_said_is_common_is_not_taken_over(app, config):
    with app.app_context():
        told = common_words.told_apart(present(), [Part(("heat",))], [Kind.POST], ([0], []))

    assert told.has_common is not bool(config.database_url)


def test_a_site_that_was_small_is_asked_again_after_a_while(client, posts, monkeypatch):
    monkeypatch.setattr(common_words, "MANY", 1_000_000)
    weighed = found(client, "heat")
    monkeypatch.setattr(common_words, "MANY", 3)
    # Spelled in another way, so that no answer is one from memory.
    assert found(client, "Heat") == weighed
    later = common_words.time.monotonic() + common_words.BELIEVED
    monkeypatch.setattr(common_words.time, "monotonic", lambda: later)

    assert found(client, "HEAT") == ["Heat again", "Heat", "Heating", "Warm", "Cold"] != weighed
