"""Searches of a large site for what some of its newest texts have, but not enough of them.

PostgreSQL asks as many of the newest as are likely to do; what it finds is what SQLite finds.
"""

from collections import Counter
from unittest.mock import Mock

import pytest

from cms.api.front import front_of
from cms.database import transaction
from cms.models import Kind
from cms.models.publication import EVERY_ROW
from cms.services import search_newest
from cms.services.delivery import large_sites, search_courses, search_statements, totals
from cms.services.delivery.expressions import Wanted
from tests import building
from tests.building import markdown

POSTS, NEWEST, ENOUGH = 24, 4, 2
# Every sixth has zinc, of the newest one and of the oldest one iron.
ZINC = [f"Zinc {n}" for n in range(POSTS) if n % 6 == 5]


@pytest.fixture
def posts(editor):
    tag = building.tag(editor, name="Tagged")
    for n in range(POSTS):
        title = f"Zinc {n}" if f"Zinc {n}" in ZINC else f"Note {n}"
        body = markdown("It has iron." if n in (0, POSTS - 1) else "It has none.")
        building.published_post(editor, title=title, body=body, tag_ids=[tag["id"]])


CACHED = [vars(search_statements)[name] for name in ("newest", "page", "recent", "counting")]


def forget():
    large_sites._known.clear()
    for one in CACHED:
        one.cache_clear()


@pytest.fixture
def recent(app, posts, monkeypatch):
    """Of a site that is large: the statement that asks recent texts, which notes its calls."""
    monkeypatch.setattr(search_newest, "SIZE", NEWEST)
    monkeypatch.setattr(search_newest, "BATCH", NEWEST)
    monkeypatch.setattr(search_statements, "MOST_RANKED", ENOUGH)
    with app.app_context(), transaction():
        assert search_newest.keep()
    forget()
    noted = Mock(wraps=search_statements.recent)
    monkeypatch.setattr(search_statements, "recent", noted)
    yield noted
    monkeypatch.undo()
    forget()


def search(client, query):
    front_of(client.application).clear()
    answer = client.get(f"/api/v1/search?q={query}")
    assert answer.status_code == 200
    return answer.json


def titles(answer):
    return [hit["title"] for hit in answer["data"]]


@pytest.mark.parametrize("query", ["zinc", "zinc&tag=tagged", "zinc+has", "zin*&kind=post"])
def test_recent_texts_have_enough(config, client, recent, query):
    answer = search(client, f"{query}&total=true")

    assert sorted(titles(answer)) == sorted(ZINC[-ENOUGH:])
    assert answer["meta"]["total"] == ENOUGH
    assert recent.called is bool(config.database_url)


@pytest.mark.parametrize("more", ["", "&tag=tagged"])
def test_pages_go_on_among_them(client, editor, recent, more):
    first = search(client, f"zinc&limit=1{more}")
    for n in range(3):
        building.published_post(editor, title=f"Zinc at last {n}")

    rest = search(client, f"zinc&limit=1{more}&cursor={first['meta']['next_cursor']}")

    assert {*titles(first), *titles(rest)} <= {*ZINC[-ENOUGH:], "Zinc at last 2", "Zinc at last 1"}
    assert titles(first) != titles(rest)


@pytest.mark.parametrize("more", ["", "&tag=tagged"])
def test_all_are_asked_where_those_have_too_few(config, client, recent, more):
    assert sorted(titles(search(client, f"iron{more}"))) == ["Note 0", ZINC[-1]]
    assert recent.called is bool(config.database_url)


def test_what_no_post_passes_is_looked_for_nowhere(client, editor, recent, monkeypatch):
    building.tag(editor, name="Unused")
    monkeypatch.setattr(search_statements, "page", asked := Mock(wraps=search_statements.page))

    answer = search(client, "note&tag=unused&total=true")

    assert answer["data"] == []
    assert answer["meta"]["total"] == 0
    assert not asked.called
    assert not recent.called


# How many of 20,000 newest texts have all of it.
SPANS = [
    (400, [65_000, 260_000]),
    (65, [400_000]),
    (20, []),
    (0, []),
]


@pytest.mark.parametrize(("hits", "spans"), SPANS)
def test_more_are_recent_where_fewer_have_it(monkeypatch, hits, spans):
    # Publications have two numbers for each post.
    monkeypatch.setattr(large_sites, "last", lambda _moment: 2_000_000)
    monkeypatch.setattr(totals, "about", lambda *_: Counter({EVERY_ROW: 1_000_000}))

    found = search_courses._recent(None, Wanted([], [Kind.POST]), hits)

    assert [round((2_000_000 - since) / 2) for since in found] == spans
