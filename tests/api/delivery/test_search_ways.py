"""Searches on PostgreSQL have one plan for any words."""

import pytest

from cms.api.front import front_of
from cms.reading import Reader
from tests import building
from tests.building import markdown

pytestmark = pytest.mark.only_on("postgresql")
QUERIES = ["heat", "hea*", "heat+cold", "%22deep+heat%22", "some&tag=tagged"]


@pytest.fixture
def posts(editor):
    tag = building.tag(editor, name="Tagged")
    for title in ["Heat", "Heat and cold", "Deep heat", "Cold"]:
        tags = [] if title == "Heat" else [tag["id"]]
        building.published_post(editor, title=title, body=markdown("It is some."), tag_ids=tags)


@pytest.fixture
def searches(monkeypatch):
    """Each statement of a search: its text, its values, and whether it was planned for them."""
    found, fetch = [], Reader._fetch

    def noted(reader, sql, parameters, anew):
        if "ts_rank" in sql:
            found.append((sql, parameters, anew))
        return fetch(reader, sql, parameters, anew)

    monkeypatch.setattr(Reader, "_fetch", noted)
    return found


def titles(client, query):
    front_of(client.application).clear()
    answer = client.get(f"/api/v1/search?q={query}")
    assert answer.status_code == 200
    return [hit["title"] for hit in answer.json["data"]]


@pytest.mark.parametrize("query", QUERIES)
def test_a_search_is_one_statement_that_is_planned_once(client, posts, searches, query):
    assert titles(client, query)

    assert [anew for *_, anew in searches] == [False]
