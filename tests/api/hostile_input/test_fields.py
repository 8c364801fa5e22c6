"""Fields that hold what they can not: each is named, and nothing changes."""

import json

import pytest

from tests import building
from tests.api import hostile
from tests.api.hostile_input.routes import ROUTES
from tests.api.refusals import assert_problem, contents
from tests.building import NOWHERE

pytestmark = pytest.mark.thorough

# What each field of the bodies in `ROUTES` can not be.
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
        "hero_media_id": ID,
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
        "photo_media_id": ID,
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


@pytest.mark.threat("A5", "B6", "B7")
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
