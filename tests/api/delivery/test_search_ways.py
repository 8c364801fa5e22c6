"""Searches on PostgreSQL: one plan for any words, which looks at posts from the newest hit on."""

import json

import pytest
from sqlalchemy.engine import make_url

from cms.api.front import front_of
from cms.postgresql_reads import PostgresqlReads
from cms.reading import Reader
from cms.services.delivery import search_statements
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


@pytest.mark.parametrize("query", QUERIES)
def test_hits_are_put_in_order_before_their_posts_are_read(
    app, client, posts, searches, monkeypatch, query
):
    """So the index finds them, and no more posts are read than are ranked."""
    monkeypatch.setattr(search_statements, "MOST_RANKED", 2)
    search_statements.page.cache_clear()
    found = titles(client, query)
    search_statements.page.cache_clear()
    sql, parameters, _ = searches[0]

    plan = analysed(app.config["SQLALCHEMY_DATABASE_URI"], sql, parameters)

    assert len(found) <= 2
    assert "ix_search_index_words" in {node.get("Index Name") for node in nodes(plan)}
    (read,) = [node for node in nodes(plan) if node.get("Relation Name") == "publications"]
    # But for what the filter leaves out.
    assert read["Actual Loops"] <= 2 + ("tag" in query)


def analysed(uri, sql, parameters):
    connection = PostgresqlReads(make_url(uri)).connect()
    try:
        connection.execute("SET enable_seqscan = off")
        asked = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"
        answer = connection.execute(asked, parameters).fetchone()[0]
        return (answer if isinstance(answer, list) else json.loads(answer))[0]["Plan"]
    finally:
        connection.close()


def nodes(plan):
    yield plan
    for one in plan.get("Plans", []):
        yield from nodes(one)
