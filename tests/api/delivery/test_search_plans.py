"""What searches of many posts read on PostgreSQL: the newest hits, and the posts of those alone."""

import json
import secrets

import psycopg
import pytest
from sqlalchemy.engine import make_url

from benchmarks import content, words
from cms.api.front import front_of
from cms.postgresql_reads import PostgresqlReads
from cms.reading import Reader
from cms.services.delivery import search_statements
from tests.applications import configured, migrated

pytestmark = pytest.mark.only_on("postgresql")
POSTS, MOST_RANKED = 1000, 5
EVERYWHERE = [words.COMMON, f"{words.RARE}*", f"{words.COMMON}&tag=tag-1"]
IN_SOME = [words.SOME, f"{words.COMMON}+{words.SOME}"]
IN_SOME += [f"%22{words.PHRASE.replace(' ', '+')}%22", f"{words.SOME[:4]}*"]


@pytest.fixture(scope="module")
def app(database, tmp_path_factory):
    """On a database of its own: what PostgreSQL learns of many posts would stay."""
    name = f"many_posts_{secrets.token_hex(4)}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        url = f"{database.rpartition('/')[0]}/{name}"
        with migrated(configured(tmp_path_factory.mktemp("site"), url)) as app:
            with app.app_context():
                content.fill(POSTS)
            yield app
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ranked(monkeypatch):
    """Fewer are, so that it shows which."""
    monkeypatch.setattr(search_statements, "MOST_RANKED", MOST_RANKED)
    search_statements.page.cache_clear()
    yield MOST_RANKED
    search_statements.page.cache_clear()


@pytest.fixture
def searches(monkeypatch):
    """Each statement of a search, and its values."""
    found, fetch = [], Reader._fetch

    def noted(reader, sql, parameters, anew):
        if "ts_rank" in sql:
            found.append((sql, parameters))
        return fetch(reader, sql, parameters, anew)

    monkeypatch.setattr(Reader, "_fetch", noted)
    return found


@pytest.mark.parametrize("query", [*EVERYWHERE, *IN_SOME])
def test_hits_are_put_in_order_before_their_posts_are_read(app, client, searches, ranked, query):
    plan = plan_of(app, client, searches, query)

    (read,) = [node for node in nodes(plan) if node.get("Relation Name") == "publications"]
    assert read["Index Name"] == "pk_publications"
    # One post of five is tagged.
    assert read["Actual Loops"] <= (10 * ranked if "tag" in query else ranked)


@pytest.mark.parametrize("query", IN_SOME)
def test_what_is_not_everywhere_is_found_by_the_index(app, client, searches, ranked, query):
    plan = plan_of(app, client, searches, query)

    assert "ix_search_index_words" in {node.get("Index Name") for node in nodes(plan)}


def plan_of(app, client, searches, query):
    front_of(app).clear()
    assert client.get(f"/api/v1/search?q={query}").json["data"]
    return analysed(app.config["SQLALCHEMY_DATABASE_URI"], *searches[0])


def analysed(uri, sql, parameters):
    connection = PostgresqlReads(make_url(uri)).connect()
    try:
        answer = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters).fetchone()
        return (answer[0] if isinstance(answer[0], list) else json.loads(answer[0]))[0]["Plan"]
    finally:
        connection.close()


def nodes(plan):
    yield plan
    for one in plan.get("Plans", []):
        yield from nodes(one)
