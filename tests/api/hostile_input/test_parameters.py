"""Parameters of a query that can not be: each is named. All tests read one site."""

from urllib.parse import quote

import pytest

from tests import building
from tests.api import hostile
from tests.api.hostile_input.routes import ROUTES
from tests.api.refusals import assert_problem, contents
from tests.building import NOWHERE
from tests.emptying import emptied
from tests.syndicated import parsed

pytestmark = pytest.mark.thorough

# What may hold any text.
FREE = {"slug", "tag", "category", "author", "post", "q", "email", "action", "via", "object_id"}


def parameters_of(app):
    """Each GET of the description with the names of its parameters, its path filled in."""
    document = app.test_client().get("/api/v1/openapi.json").json
    for path, item in document["paths"].items():
        if "get" in item:
            given = [*item.get("parameters", []), *item["get"].get("parameters", [])]
            queries = {one["name"]: one["schema"] for one in given if one["in"] == "query"}
            yield path.replace("{slug}", "heat"), queries


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def admin(app):
    return building.signed_in(app, "admin")


@pytest.fixture(scope="module")
def heat(admin):
    return building.published_post(admin, slug="heat", title="Heat")


@pytest.fixture(scope="module")
def readable(app, admin, heat):
    """Every route with a GET that does not need an id, with its parameters."""
    building.publish(admin, building.faq(admin, slug="heat"))
    for kind in (building.tag, building.category, building.author):
        kind(admin, slug="heat")
    return {path: names for path, names in parameters_of(app) if "{" not in path}


def items(feed):
    return parsed(feed.data, feed.request.path.rpartition(".")[2])


# What some addresses can not be asked without.
NEEDED = {"/api/v1/search": "q", "/api/v1/comments/counts": "post"}


def asking(path, name):
    """The start of an address, with what else it needs."""
    needed = NEEDED.get(path, name)
    return f"{path}?" if needed == name else f"{path}?{needed}=x&"


@pytest.mark.threat("B4", "B5", "B7", "B8")
class TestParameters:
    @pytest.mark.parametrize("name", hostile.PARAMETERS)
    def test_that_can_not_be_are_named(self, admin, readable, name, row):
        for path in [path for path, names in readable.items() if name in names]:
            if name == "locale" and "/manage/" in path:
                continue  # There it is a filter like any other.
            for value in hostile.PARAMETERS[name]:
                with row(path, value[:80]):
                    answer = admin.get(f"{asking(path, name)}{name}={quote(value, safe='%')}")
                    assert refused_parameter(answer) == name

    def test_are_known_to_these_tests(self, readable):
        every = {name for names in readable.values() for name in names}

        assert every == set(hostile.PARAMETERS) | FREE

    def test_that_search_can_hold_anything(self, admin, readable, row):
        for path, names in readable.items():
            for name in FREE & set(names):
                for value in hostile.SEARCHES:
                    with row(path, value):
                        answer = admin.get(f"{asking(path, name)}{name}={quote(value, safe='%')}")
                        found = answer.json["data"] if "/feed." not in path else items(answer)
                        assert (answer.status_code, bool(found)) == (200, False)

    def test_that_no_database_can_hold_are_refused(self, client, readable, row):
        for path, names in readable.items():
            if "/manage/" in path or "/auth/" in path:
                continue
            for query, reason in hostile.BROKEN_QUERIES:
                with row(path, query[:40]):
                    asked = query.format(name=next(iter(names), "unknown"))
                    assert_problem(client.get(f"{path}?{asked}"), 400, reason)

    def test_given_twice_are_named(self, admin, readable, row):
        for path, names in readable.items():
            for name, schema in names.items():
                if schema.get("type") == "array":
                    continue
                with row(path, name):
                    twice = f"{name}={VALID.get(name, 'x')}&{name}={VALID.get(name, 'x')}"
                    assert refused_parameter(admin.get(f"{asking(path, name)}{twice}")) == name

    def test_that_are_unknown_are_named(self, admin, readable, row):
        every = {name for names in readable.values() for name in names}
        for path, names in readable.items():
            for name in [*hostile.UNKNOWN_PARAMETERS, *sorted(every - set(names))]:
                with row(path, name):
                    asked = quote(name, safe="")
                    assert refused_parameter(admin.get(f"{asking(path, name)}{asked}=1")) == name

    @pytest.mark.parametrize("route", ROUTES)
    def test_that_are_unknown_stop_a_change(self, app, send, admin, route):
        method, path, values = ROUTES[route]
        before = contents(app)

        answer = admin.open(f"{path}?admin=true", method=method, json=values)

        assert refused_parameter(answer) == "admin"
        assert contents(app) == before


# What each parameter can be.
VALID = {
    "limit": "1",
    "total": "true",
    "locale": "en",
    "body": "html",
    "include": "related",
    "fields": "title",
    "created_by": NOWHERE,
    "parent": NOWHERE,
    "role": "admin",
    **dict.fromkeys(["published_after", "published_before"], "2020-01-01T00:00:00Z"),
    "updated_after": "2020-01-01T00:00:00Z",
    "suspended": "true",
    "unused": "true",
    "user_id": "*",
}


def refused_parameter(answer):
    """The parameter that a 400 names."""
    assert answer.status_code == 400, (answer.status_code, answer.text[:300])
    found = assert_problem(answer, 400, answer.json["reason"])
    return found["errors"][0]["pointer"].split("/")[0]
