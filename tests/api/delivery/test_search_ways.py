"""Which way a search goes on a small site: what few texts have is found without planning for it."""

import pytest

from cms.api.front import front_of
from cms.reading import Reader
from cms.services.delivery import search_statements
from tests import building
from tests.building import markdown

TITLES = ["Heat", "Heat and cold", "Deep heat", "Cold"]


@pytest.fixture(params=[1, 200], ids=["many", "few"])
def most_few(request, monkeypatch):
    """How many texts are few."""
    monkeypatch.setattr(search_statements, "MOST_FEW", request.param)
    search_statements.few.cache_clear()
    yield request.param
    search_statements.few.cache_clear()


@pytest.fixture
def posts(editor):
    tag = building.tag(editor, name="Tagged")
    for title in TITLES:
        tags = [] if title == "Heat" else [tag["id"]]
        building.published_post(editor, title=title, body=markdown("It is some."), tag_ids=tags)


@pytest.fixture
def planned(monkeypatch):
    """Whether each statement was planned anew, in turn."""
    found, fetch = [], Reader._fetch

    def noted(reader, sql, parameters, anew):
        if "search_index" in sql:
            found.append(anew)
        return fetch(reader, sql, parameters, anew)

    monkeypatch.setattr(Reader, "_fetch", noted)
    return found


def asked(client, query):
    front_of(client.application).clear()
    answer = client.get(f"/api/v1/search?q={query}")
    assert answer.status_code == 200
    return answer.json


def titles(client, query):
    return [hit["title"] for hit in asked(client, query)["data"]]


@pytest.mark.only_on("postgresql")
def test_what_few_texts_have_is_not_planned_for(client, posts, most_few, planned):
    assert len(titles(client, "heat")) == 3

    assert planned == ([False, True] if most_few == 1 else [False])


@pytest.mark.parametrize("query", ["heat", "hea*", "heat+cold", "some", "%22deep+heat%22"])
@pytest.mark.parametrize("more", ["", "&tag=tagged"])
def test_the_same_is_found_in_the_same_order(client, posts, monkeypatch, query, more):
    few = titles(client, query + more)
    assert few
    monkeypatch.setattr(search_statements, "MOST_FEW", 0)
    search_statements.few.cache_clear()

    assert titles(client, query + more) == few
    search_statements.few.cache_clear()


def test_pages_go_on_where_few_have_become_many(client, editor, posts, monkeypatch):
    whole = titles(client, "heat")
    first = asked(client, "heat&limit=2")
    monkeypatch.setattr(search_statements, "MOST_FEW", 1)
    search_statements.few.cache_clear()
    rest = asked(client, f"heat&cursor={first['meta']['next_cursor']}")
    search_statements.few.cache_clear()

    assert [hit["title"] for hit in [*first["data"], *rest["data"]]] == whole
