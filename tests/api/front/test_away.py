"""What is answered while PostgreSQL is away, or stands still, and how soon."""

from dataclasses import replace
from time import monotonic

import pytest

from cms.api.conditional import PUBLIC
from cms.api.front import front_of
from cms.services.pulse import Mark, Silent
from tests import applications, building
from tests.api.refusals import assert_problem
from tests.databases import PostgresqlServer

POST = "/api/v1/posts/heat"
# What needs no database.
ALONE = ["/healthz", "/api/docs", "/api/v1/openapi.json", "/", "/api/v1", "/problems"]
# How soon that is answered, in seconds: half of what a probe waits by default.
AT_ONCE = 0.5


@pytest.fixture
def heat(editor):
    return building.published_post(editor, slug="heat")


def gone(validity, monkeypatch):
    """The database says nothing any more, and nobody has a lease."""

    def silent():
        raise Silent("gone")

    for name in ("read", "glance"):
        monkeypatch.setattr(validity._pulse, name, silent)


@pytest.mark.only_on("postgresql")
def test_a_database_that_is_away_is_asked_now_and_then(app, client, heat, monkeypatch):
    client.get(POST)
    validity = front_of(app).validity

    with monkeypatch.context() as without:
        gone(validity, without)
        assert client.get(POST).json["data"]["slug"] == "heat"
        for ask in (lambda: client.get("/api/v1/tags"), lambda: client.post(f"{POST}/comments")):
            assert_problem(ask(), 503, "database_unavailable")
        assert client.get("/healthz").status_code == 200
        without.setattr(validity, "_heard", validity._heard - 61)
        assert client.get(POST).status_code == 503

    monkeypatch.setattr(validity, "_away_until", 0.0)
    assert client.get(POST).status_code == 200
    assert client.get("/api/v1/tags").status_code == 200


@pytest.mark.only_on("postgresql")
def test_no_shared_cache_keeps_what_is_shown_while_the_database_is_away(
    app, client, heat, monkeypatch
):
    monkeypatch.setattr(front_of(app), "_config", replace(app.config["CMS"], shared_max_age=3600))
    validity, first = front_of(app).validity, client.get(POST)
    assert "s-maxage=3600" in first.headers["Cache-Control"]

    gone(validity, monkeypatch)
    for headers, status in (({}, 200), ({"If-None-Match": first.headers["ETag"]}, 304)):
        answer = client.get(POST, headers=headers)
        assert (answer.status_code, answer.headers.getlist("Cache-Control")) == (status, [PUBLIC])


@pytest.mark.only_on("postgresql")
def test_what_passes_by_and_what_is_not_there_asks_the_database_itself(
    app, client, heat, monkeypatch
):
    client.get(POST)
    validity = front_of(app).validity
    known = Mark(validity.window.generation, validity.window.since, 2)

    with monkeypatch.context() as without:
        without.setattr(validity._pulse, "glance", lambda: known)
        gone(validity, without)
        assert client.get(POST).status_code == 200
        without.setattr(validity, "_away_until", None)
        assert client.get("/api/v1/tags").status_code == 503
        without.setattr(validity, "_away_until", None)
        assert client.post(f"{POST}/comments").status_code == 503


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A site whose server may stand still, and that server."""
    server = PostgresqlServer()
    config = applications.configured(tmp_path_factory.mktemp("still"), server.url)
    with applications.migrated(config) as app:
        yield app, server
    server.stop()


@pytest.mark.thorough
@pytest.mark.parametrize("path", ALONE)
def test_what_needs_no_database_does_not_wait_for_one_that_stands_still(standing, path):
    app, server = standing
    client = app.test_client()
    # Nobody knows yet that the server is going to be away.
    front_of(app).clear()
    assert client.get("/api/v1/site").status_code == 200

    with server.still():
        began = monotonic()
        found = [client.open(path, method=method).status_code for method in ("GET", "HEAD", "GET")]
        took = monotonic() - began
        refused = client.get("/api/v1/tags")

    assert (found, took < AT_ONCE) == ([200] * 3, True)
    assert_problem(refused, 503, "database_unavailable")


def test_the_description_of_the_api_is_kept_in_memory_and_never_asked_for(app, client):
    client.get("/api/v1/openapi.json")
    before = front_of(app).numbers()
    takes = {"Accept-Encoding": "gzip"}

    answers = [client.get("/api/v1/openapi.json", headers=takes) for _ in range(2)]

    assert answers[1].headers["Content-Encoding"] == "gzip"
    assert front_of(app).numbers()["hits"] == before["hits"] + 2
