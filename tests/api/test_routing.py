"""The short way to a route leads where the long way leads."""

import re

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from cms.api.routing import Adapter

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


def led(kind, routes, path, method):
    adapter = kind(routes, "localhost", "/", "", "http", path, method, "")
    try:
        rule, values = adapter.match(return_rule=True)
    except HTTPException as error:
        return type(error), error.code
    return rule, values


def all_paths(routes):
    return {path for rule in routes.iter_rules() for path in paths(rule.rule)}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_every_route_is_found_either_way(app, method):
    for path in all_paths(app.url_map):
        found = led(Adapter, app.url_map, path, method)
        assert found == led(MapAdapter, app.url_map, path, method), path


def test_what_readers_ask_for_is_found_the_short_way(app):
    found = [app.url_map.find(path) for path in all_paths(app.url_map)]
    short = {one[0].rule for one in found if one}
    paths = ["posts", "posts/<slug:slug>", "search", "sitemap.xml"]
    assert {f"/api/v1/{path}" for path in paths} <= short
