"""Bodies that no route takes: a problem that names the fault, the same on both databases.

Nothing that is refused changes anything.
"""

import json
import time

import pytest

from cms.api.body_kinds import MOST_FROM_STRANGERS, MOST_TO_SIGN_IN
from cms.api.strict import parse_json
from tests.api import hostile
from tests.api.hostile import JSON
from tests.api.hostile_input.routes import ROUTES
from tests.api.refusals import assert_problem, contents

pytestmark = pytest.mark.thorough
# Outside `/manage`, where only a setting ends them.
LONGEST = {"/api/v1/auth/": MOST_TO_SIGN_IN, "/api/v1/posts/": MOST_FROM_STRANGERS}


def refusal(route, raw, status, reason):
    """How a body is refused: from strangers, for its length first."""
    path = ROUTES[route][1]
    most = next((most for start, most in LONGEST.items() if path.startswith(start)), len(raw))
    return (413, "body_too_large") if len(raw) > most else (status, reason)


@pytest.mark.threat("B6", "B7", "B14")
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
