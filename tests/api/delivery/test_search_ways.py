"""Which way a search goes on a small site: what few texts have is found without planning for it."""

import pytest

from cms.api.front import front_of
from cms.reading import Reader
from cms.services.delivery import search_statements
from tests import building
from tests.building import markdown

# SQLite plans at each call.
pytestmark = pytest.mark.only_on("postgresql")
TITLES = ["Heat", "Heat and cold", "Deep heat", "Cold"]


@pytest.fixture
def most_rare(monkeypatch):
    """`most_rare(n)`: what so many texts have at most is rare from now on."""

    def most_rare(number):
        monkeypatch.setattr(search_statements, "MOST_RARE", number)
        search_statements.rare.cache_clear()

    yield most_rare
    search_statements.rare.cache_clear()


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


@pytest.mark.parametrize(("most", "anew"), [(3, [False]), (2, [False, True])])
def test_what_few_texts_have_is_not_planned_for(client, posts, most_rare, planned, most, anew):
    most_rare(most)

    assert len(titles(client, "heat")) == 3
    assert planned == anew


@pytest.mark.parametrize("query", ["heat", "hea*", "heat+cold", "some", "%22deep+heat%22"])
@pytest.mark.parametrize("more", ["", "&tag=tagged"])
def test_the_same_is_found_in_the_same_order(client, posts, most_rare, query, more):
    rare = titles(client, query + more)
    most_rare(0)

    assert rare == titles(client, query + more) != []


def test_pages_go_on_where_what_was_rare_is_so_no_more(client, posts, most_rare):
    whole = titles(client, "heat")
    first = asked(client, "heat&limit=2")
    most_rare(1)
    rest = asked(client, f"heat&cursor={first['meta']['next_cursor']}")

    assert [hit["title"] for hit in [*first["data"], *rest["data"]]] == whole
