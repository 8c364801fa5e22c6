"""Whatever a client sends: a problem that names the fault, the same on both databases.

The tables are in `tests.api.hostile`. Nothing that is refused changes anything.
"""

import itertools
import json
import time
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from cms import create_app
from cms.api.bodies import MOST_FROM_STRANGERS
from cms.api.strict import parse_json
from cms.config import Config
from tests import building
from tests.api import hostile
from tests.api.hostile import JSON
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, NOWHERE
from tests.commenting import words

# Routes that read a body, with one that each would take.
ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a comment": ("POST", "/api/v1/posts/heat/comments", words()),
    "signing in": ("POST", "/api/v1/auth/login", {"email": "a@example.org", "password": "x"}),
    "a token": ("POST", "/api/v1/auth/tokens", {"name": "x", "scopes": ["content:read"]}),
    "a post": ("POST", "/api/v1/manage/posts", {"title": "x"}),
    "a FAQ": (
        "POST",
        "/api/v1/manage/faqs",
        {"question": "x", "answer": building.markdown("x")},
    ),
    "a tag": ("POST", "/api/v1/manage/tags", {"name": "x"}),
    "a category": ("POST", "/api/v1/manage/categories", {"name": "x"}),
    "an author": ("POST", "/api/v1/manage/authors", {"name": "x"}),
    "a user": (
        "POST",
        "/api/v1/manage/users",
        {"email": "a@example.org", "name": "x", "role": "viewer", "password": building.PASSWORD},
    ),
}
# What each field of those bodies can not be.
TEXT, IDS, ID, FLAG = hostile.NOT_TEXT, hostile.NOT_IDS, hostile.NOT_AN_ID, hostile.NOT_A_FLAG
OBJECT, SLUG, ADDRESS = hostile.NOT_AN_OBJECT, hostile.NOT_A_SLUG, hostile.NOT_AN_ADDRESS
TERM = {"name": [*TEXT, "", " ", "x" * 121], "slug": SLUG, "description": [*TEXT, "x" * 2001]}
SOURCE = {"format": [*TEXT, "rtf", "", None], "source": [*TEXT, None]}
SEO = {"title": TEXT, "description": TEXT, "canonical_url": ADDRESS, "noindex": FLAG}
ENTRY = {"slug": SLUG, "locale": [*TEXT, "", "xx", "EN", "e" * 17], "tag_ids": IDS}
WRONG = {
    "a comment": {
        "author_name": [*TEXT, "", "x" * 81, None],
        "author_email": [*TEXT, "", "x", "a@b@c", "x" * 300, "a\n@example.org", None],
        "author_url": [*ADDRESS, "http://a b"],
        "body": [*TEXT, "", " ", "x" * 60_000, None],
        "parent_id": ID,
        "form_token": TEXT,
        "status": ["approved"],
        "id": [NOWHERE],
    },
    "signing in": {"email": [*TEXT, "", None], "password": [*TEXT, "", "x" * 1025, None]},
    "a token": {
        "name": [*TEXT, "", " ", None],
        "scopes": [*hostile.NOT_A_LIST, [], [0], [None], [[]], [{}], ["root"], None],
        "expires_at": hostile.NOT_A_TIME,
        "user_id": ID,
    },
    "a post": ENTRY
    | {
        "title": [*TEXT, "", " ", "x" * 301, None],
        "excerpt": [*TEXT, "x" * 1001],
        "body": [*OBJECT, {}, {"format": "markdown"}, {"source": "x"}],
        "category_id": ID,
        "author_ids": IDS,
        "seo": [*OBJECT, {"x": 1}],
        "comments_open": FLAG,
        "status": ["published"],
        "version": [1],
        "created_by": [NOWHERE],
    },
    "a FAQ": ENTRY
    | {
        "question": [*TEXT, "", " ", "x" * 301, None],
        "answer": [*OBJECT, {}, None],
        "position": hostile.NOT_A_COUNT,
    },
    "a tag": TERM,
    "a category": TERM | {"parent_id": ID},
    "an author": TERM
    | {
        "credentials": [*TEXT, "x" * 121],
        "bio": [*TEXT, "x" * 5001],
        "links": [*hostile.NOT_A_LIST, [0], [None], ["javascript:alert(1)"], [[]], ["x"] * 21],
    },
    "a user": {
        "email": [*TEXT, "", "x", "a@b@c", None],
        "name": [*TEXT, "", " ", "x" * 81, None],
        "role": [*TEXT, "root", "ADMIN", "", None],
        "password": [*TEXT, "", "x", "password", "x" * 1025, None],
        "is_admin": [True],
        "password_hash": ["x"],
    },
}
# The same inside an object.
WRONG_INSIDE = {("a post", "body"): SOURCE, ("a post", "seo"): SEO, ("a FAQ", "answer"): SOURCE}


@pytest.fixture
def heat(admin):
    return building.published_post(admin, slug="heat", title="Heat")


@pytest.fixture
def send(client, admin, heat):
    """Send raw bytes to one of `ROUTES`: as a stranger where strangers may."""

    def send(route, raw, content_type=JSON):
        method, path, _ = ROUTES[route]
        who = client if route in {"a comment", "signing in"} else admin
        return who.open(path, method=method, data=raw, content_type=content_type)

    return send


@pytest.fixture
def row():
    """`with row(…):` tries one row of a table; the test goes on, and names those that failed."""
    failed = {}

    @contextmanager
    def row(*names):
        try:
            yield
        except AssertionError as error:
            failed[names] = str(error)[:500]

    yield row
    assert failed == {}


def refusal(route, raw, status, reason):
    """How a body is refused: from strangers, for its length first."""
    managed = ROUTES[route][1].startswith("/api/v1/manage/")
    long = not managed and len(raw) > MOST_FROM_STRANGERS
    return (413, "body_too_large") if long else (status, reason)


class TestBodies:
    @pytest.mark.parametrize("route", ROUTES)
    def test_that_no_route_takes_are_refused(self, app, send, route, row):
        before = contents(app)

        for name, (raw, status, reason) in hostile.BODIES.items():
            with row(name):
                assert_problem(send(route, raw), *refusal(route, raw, status, reason))

        assert contents(app) == before

    @pytest.mark.parametrize("route", ROUTES)
    def test_of_another_media_type_are_refused(self, app, send, route, row):
        before, raw = contents(app), json.dumps(ROUTES[route][2])

        for content_type in hostile.MEDIA_TYPES:
            with row(content_type):
                answer = send(route, raw, content_type)
                assert_problem(answer, 415, "unsupported_media_type")

        assert contents(app) == before

    @pytest.mark.parametrize("content_type", [JSON + ";charset=utf-8", "Application/JSON"])
    def test_of_json_may_say_so_in_other_words(self, send, content_type):
        assert send("a tag", b'{"name": "x"}', content_type).status_code == 201

    def test_may_be_as_large_as_the_limit(self, send):
        assert send("a tag", b'{"name": "x"}'.ljust(hostile.LIMIT)).status_code == 201

    def test_may_be_as_deep_as_the_limit(self, send):
        deepest = b"[" * (hostile.DEEPEST - 1) + b"1" + b"]" * (hostile.DEEPEST - 1)

        assert_problem(send("a tag", b'{"name": ' + deepest + b"}"), 422, "validation_failed")

    @pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
    def test_may_hold_numbers_of_64_bits(self, send, number):
        answer = send("a tag", b'{"name": %d}' % number)

        assert_problem(answer, 422, "validation_failed")

    def test_a_fault_deep_inside_is_pointed_at(self, send):
        answer = send("a post", b'{"title": "x", "seo": {"title": "a\\u0000"}}')

        assert answer.json["errors"][0]["pointer"] == "/seo/title"

    def test_a_fault_under_a_strange_key_is_pointed_at(self, send):
        key = "~/" + "k" * 1_000_000
        answer = send("a post", json.dumps({key: {"a": "\0"}}))

        assert answer.json["errors"][0]["pointer"] == "/~0~1" + "k" * 98 + "…/a"

    def test_many_faults_and_long_keys_get_a_short_answer(self, send):
        many = {f"{'k' * 1000}{number}": 1 for number in range(1500)}
        answer = assert_problem(send("a post", json.dumps(many)), 422, "validation_failed")

        assert len(answer["errors"]) == 50
        assert max(len(one["pointer"]) for one in answer["errors"]) < 110

    def test_a_long_key_is_not_repeated_for_each_item(self):
        def seconds(length):
            raw = json.dumps({"k" * length: [1] * 100_000}).encode()
            start = time.process_time()
            parse_json(raw)
            return time.process_time() - start

        assert min(seconds(300_000) / seconds(1) for _ in range(3)) < 3


class TestFields:
    @pytest.mark.parametrize("route", WRONG)
    def test_of_the_wrong_kind_are_named(self, app, send, route, row):
        before = contents(app)

        for field, values in WRONG[route].items():
            for value in values:
                with row(field, repr(value)[:80]):
                    found = refused_field(send, route, ROUTES[route][2] | {field: value})
                    assert found.startswith(f"/{field}")

        assert contents(app) == before

    @pytest.mark.parametrize(("route", "field"), WRONG_INSIDE)
    def test_inside_an_object_are_named(self, app, send, route, field, row):
        before, valid = contents(app), {"body": {"format": "markdown", "source": "x"}}
        valid["answer"] = valid["body"]

        for name, values in WRONG_INSIDE[route, field].items():
            for value in [*values, {"a": list(values)}]:
                with row(name, repr(value)[:80]):
                    inner = valid.get(field, {}) | {name: value}
                    found = refused_field(send, route, ROUTES[route][2] | {field: inner})
                    assert found.startswith(f"/{field}/{name}")

        assert contents(app) == before

    def test_are_all_named_at_once(self, send):
        found = send("a user", b'{"role": 1, "name": 2}').json["errors"]

        assert {fault["pointer"] for fault in found} == {"/role", "/name", "/email", "/password"}

    @pytest.mark.parametrize(
        "text", ["\u202e\U0001f389", "'; DROP TABLE tags; --", "{{7*7}}", "%s"]
    )
    def test_keep_text_as_it_was_sent(self, admin, text):
        tag = building.tag(admin, name=text, description=text)

        found = admin.get(f"/api/v1/manage/tags/{tag['id']}").json["data"]

        assert found["description"] == text


def refused_field(send, route, values):
    """The pointer of the first fault."""
    answer = send(route, json.dumps(values).encode())
    assert answer.status_code in {400, 422}, answer.text[:300]
    found = assert_problem(answer, answer.status_code, answer.json["reason"])
    return found["errors"][0]["pointer"]


def parameters_of(app):
    """Each GET of the description with the names of its parameters, its path filled in."""
    document = app.test_client().get("/api/v1/openapi.json").json
    for path, item in document["paths"].items():
        if "get" in item:
            given = [*item.get("parameters", []), *item["get"].get("parameters", [])]
            queries = {one["name"]: one["schema"] for one in given if one["in"] == "query"}
            yield path.replace("{slug}", "heat"), queries


@pytest.fixture
def readable(app, admin, heat):
    """Every route with a GET that does not need an id, with its parameters."""
    building.publish(admin, building.faq(admin, slug="heat"))
    for kind in (building.tag, building.category, building.author):
        kind(admin, slug="heat")
    return {path: names for path, names in parameters_of(app) if "{" not in path}


class TestParameters:
    @pytest.mark.parametrize("name", hostile.PARAMETERS)
    def test_that_can_not_be_are_named(self, admin, readable, name, row):
        for path in [path for path, names in readable.items() if name in names]:
            if name == "locale" and "/manage/" in path:
                continue  # There it is a filter like any other.
            for value in hostile.PARAMETERS[name]:
                with row(path, value[:80]):
                    answer = admin.get(f"{path}?{name}={quote(value, safe='%')}")
                    assert refused_parameter(answer) == name

    def test_are_known_to_these_tests(self, readable):
        free = {"slug", "tag", "category", "author", "post", "q", "email"}
        every = {name for names in readable.values() for name in names}

        assert every == set(hostile.PARAMETERS) | free

    def test_that_search_can_hold_anything(self, admin, readable, row):
        for path, names in readable.items():
            for name in {"slug", "tag", "category", "author", "post", "q", "email"} & set(names):
                for value in hostile.SEARCHES:
                    with row(path, value):
                        answer = admin.get(f"{path}?{name}={quote(value, safe='%')}")
                        assert (answer.status_code, answer.json["data"]) == (200, [])

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
                    assert refused_parameter(admin.get(f"{path}?{twice}")) == name

    def test_that_are_unknown_are_named(self, admin, readable, row):
        every = {name for names in readable.values() for name in names}
        for path, names in readable.items():
            for name in [*hostile.UNKNOWN_PARAMETERS, *sorted(every - set(names))]:
                with row(path, name):
                    asked = quote(name, safe="")
                    assert refused_parameter(admin.get(f"{path}?{asked}=1")) == name

    @pytest.mark.parametrize("route", ROUTES)
    def test_that_are_unknown_stop_a_change(self, app, send, admin, route):
        method, path, values = ROUTES[route]
        before = contents(app)

        answer = admin.open(f"{path}?admin=true", method=method, json=values)

        assert refused_parameter(answer) == "admin"
        assert contents(app) == before

    def test_a_cursor_of_another_filter_or_sort_is_refused(self, admin, client, heat):
        building.published_post(admin)
        cursor = client.get("/api/v1/posts?limit=1").json["meta"]["next_cursor"]

        for query in ("sort=title", "slug=heat", "locale=es", "updated_after=2020-01-01T00:00:00Z"):
            answer = client.get(f"/api/v1/posts?limit=1&{query}&cursor={cursor}")
            assert_problem(answer, 400, "bad_cursor")
        assert_problem(client.get(f"/api/v1/tags?cursor={cursor}"), 400, "bad_cursor")
        assert_problem(client.get(f"/api/v1/posts?cursor={cursor[:-2]}AA"), 400, "bad_cursor")


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
    "user_id": "*",
}


def refused_parameter(answer):
    """The parameter that a 400 names."""
    assert answer.status_code == 400, (answer.status_code, answer.text[:300])
    found = assert_problem(answer, 400, answer.json["reason"])
    return found["errors"][0]["pointer"].split("/")[0]


class TestAddresses:
    def test_that_nothing_has_are_not_found(self, admin, client, heat, row):
        for path, who in itertools.product(hostile.PATHS, (client, admin)):
            with row(path[:60]):
                assert_problem(who.get(path), 404, "not_found")
                assert who.head(path).status_code == 404

    def test_say_which_methods_they_have(self, client, heat, row):
        for method, path in hostile.METHODS:
            with row(method, path):
                answer = client.open(path, method=method)
                assert answer.status_code == 405
                allowed = set(answer.headers["Allow"].split(", "))
                assert (allowed >= {"OPTIONS"}, method in allowed) == (True, False)
                if method != "HEAD":
                    assert_problem(answer, 405, "method_not_allowed")

    def test_are_not_taken_from_a_header(self, client, heat):
        answer = client.get("/api/v1/nothing", headers={"X-Original-URL": "/api/v1/posts"})

        assert_problem(answer, 404, "not_found")


class TestHeaders:
    def test_that_can_not_be_are_refused(self, app, admin, heat, row):
        before, url = contents(app), f"/api/v1/manage/posts/{heat['id']}"

        for name, value, status, reason in hostile.HEADERS:
            with row(name, value[:80]):
                answer = admin.patch(url, json={"title": "Other"}, headers=ANY | {name: value})
                assert_problem(answer, status, reason)

        assert contents(app) == before

    def test_a_key_that_can_not_be_is_refused(self, app, client, heat, row):
        before, url = contents(app), "/api/v1/posts/heat/comments"

        for key in hostile.NOT_A_KEY:
            with row(key[:80]):
                answer = client.post(url, json=words(), headers={"Idempotency-Key": key})
                assert_problem(answer, 400, "bad_idempotency_key")

        assert contents(app) == before

    @pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "short", "\xe9" * 9])
    def test_a_request_id_that_can_not_be_is_replaced(self, client, given):
        answer = client.get("/api/v1/nothing", headers={"X-Request-Id": given})

        assert answer.headers["X-Request-Id"] == answer.json["request_id"] != given

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("Host", "evil example"), ("Host", "\xff"), ("Host", "a:b:c"), ("Host", "[::")),
            *(("Cookie", "cms_session=\xff; ="), ("Cookie", "=" * 10_000), ("Accept", "\xff")),
            *(("Range", "bytes=0-1"), ("Content-Length", "-1"), ("Content-Length", "x")),
            *(("Content-Encoding", "gzip"), ("User-Agent", "\xff" * 1000), ("Origin", "\xff")),
            *(("If-None-Match", "\xff"), ("If-Modified-Since", "x"), ("Accept-Language", "\xff")),
            *(("X-Forwarded-For", "\xff"), ("X-CSRF-Token", "\xff"), ("Transfer-Encoding", "x")),
        ],
    )
    def test_that_say_nonsense_harm_nothing(self, client, heat, name, value):
        assert client.get("/api/v1/posts/heat", headers={name: value}).status_code == 200


class TestReading:
    def test_head_and_options_work_wherever_get_does(self, app, admin, heat, row):
        for path in addresses(app, admin, heat):
            with row(path):
                shown, head = admin.get(path), admin.head(path)
                assert (head.status_code, head.data) == (shown.status_code, b"")
                assert plain(head.headers) == plain(shown.headers)
                asked = admin.options(path)
                assert asked.status_code in {200, 204}
                assert {"GET", "HEAD", "OPTIONS"} <= set(asked.headers["Allow"].split(", "))

    def test_options_needs_no_sign_in_and_reads_no_parameters(self, app, client, admin, heat):
        for path in addresses(app, admin, heat):
            assert client.options(f"{path}?limit=3&x=y").status_code in {200, 204}, path


def addresses(app, admin, heat):
    """The address of every route with a GET, made of things that are there."""
    for make in (building.tag, building.category, building.author, building.faq):
        made = make(admin, slug="heat")
    building.publish(admin, made)
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.arguments <= {"slug"}:
            yield rule.rule.replace("<slug:slug>", "heat")
    yield from (f"/api/v1/manage/posts/{heat['id']}", f"/api/v1/manage/users/{admin.user_id}")


def plain(headers):
    """What does not differ between two requests."""
    varying = {"X-Request-Id", "Date", "Content-Length", "Last-Modified"}
    return sorted((name, value) for name, value in headers if name not in varying)


class TestFailures:
    def test_a_mistake_of_ours_tells_nothing(self, app, client, monkeypatch):
        def fail(**_):
            raise RuntimeError("SELECT secret FROM /srv/cms/site.db")

        monkeypatch.setitem(app.view_functions, "delivery.Posts", fail)

        assert_problem(client.get("/api/v1/posts"), 500, "internal_error")

    @pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/nothing"])
    def test_a_database_that_is_away_is_a_503(self, tmp_path, url):
        away = create_app(Config(data_dir=tmp_path, database_url=url, secret="x"))

        for path in ("/api/v1/posts", "/api/v1/posts/heat", "/api/v1/tags", "/api/v1/faqs"):
            answer = away.test_client().get(path)
            assert_problem(answer, 503, "database_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        answer = away.test_client().post("/api/v1/posts/heat/comments", json=words())
        assert_problem(answer, 503, "database_unavailable")
