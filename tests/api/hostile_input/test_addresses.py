"""Addresses that nothing has, methods that they lack, and what HEAD and OPTIONS say of them."""

import itertools

import pytest

from tests import building
from tests.api import hostile
from tests.api.refusals import assert_problem

pytestmark = pytest.mark.thorough


@pytest.mark.threat("B7")
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


class TestReading:
    def test_head_and_options_work_wherever_get_does(self, app, admin, heat, row):
        for path in addresses(app, admin, heat):
            with row(path):
                shown, head = admin.get(path), admin.head(path)
                assert (head.status_code, head.data) == (shown.status_code, b"")
                assert plain(path, head.headers) == plain(path, shown.headers)
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


def plain(path, headers):
    """What does not differ between two requests."""
    varying = {"X-Request-Id", "Date", "Content-Length", "Last-Modified"}
    if path.endswith("/sync"):
        # Its token holds the time.
        varying.add("ETag")
    return sorted((name, value) for name, value in headers if name not in varying)
