"""The short way to a route leads where the long way leads."""

import re

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ

EXAMPLES = {
    "slug": ["heat", "a-b-1", "related", "search", "Heat", "a_b", "x" * 201],
    "id": ["01a21f55-6db9-7185-9369-5109ae6e8833", "01a21f55"],
    "token": ["A" * 43, "A" * 42],
    "verb": ["approve", "confirm", "eat"],
    "number": ["7", "007", "0"],
    "folder": ["ab12cd34ef56", "x"],
    "file": ["heat.jpg", "heat-640.webp", "..", "a b"],
    "path": ["style.css", "a/b"],
    "default": ["a", "b.c"],
}
VARYING = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")


def paths(rule):
    """Addresses that lead to a rule, and some that nearly do."""
    kinds = [kind or "default" for kind in VARYING.findall(rule)]
    for example in range(max((len(EXAMPLES[kind]) for kind in kinds), default=1)):
        values = (EXAMPLES[kind][example % len(EXAMPLES[kind])] for kind in kinds)
        path = VARYING.sub(lambda _, values=values: next(values), rule)
        yield from (path, path + "/", "/" + path, path + "/x", path.rpartition("/")[0], path + "\n")


def asked(app, path, method):
    return app.request_context(create_environ(method=method) | {"PATH_INFO": path})


def led_shortly(around):
    around.match_request()
    refused = around.request.routing_exception
    if refused is not None:
        return type(refused), refused.code
    return around.request.url_rule, around.request.view_args


def led_by_werkzeug(around):
    try:
        return around.url_adapter.match(return_rule=True)
    except HTTPException as refused:
        return type(refused), refused.code


def all_paths(routes):
    return {path for rule in routes.iter_rules() for path in paths(rule.rule)}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_every_route_is_found_either_way(app, method):
    for path in all_paths(app.url_map):
        around = asked(app, path, method)
        assert led_shortly(around) == led_by_werkzeug(around), path


def test_what_readers_ask_for_is_found_the_short_way(app):
    found = [app.url_map.find(path) for path in all_paths(app.url_map)]
    short = {one[0].rule for one in found if one}
    paths = ["posts", "posts/<slug:slug>", "search", "sitemap.xml"]
    assert {f"/api/v1/{path}" for path in paths} <= short
