"""`fields` loads what it names, and a site of many languages is one list."""

from dataclasses import replace
from unittest import mock

import pytest

from cms import create_app
from cms.config import Config, ConfigError
from cms.reading import reader
from tests import building, commenting
from tests.api.delivery.reading import data
from tests.api.refusals import assert_problem

LOCALES = ("en", "es", *(f"x{letter}" for letter in "abcdefghijklmnopqr"))


@pytest.fixture
def post(editor):
    return building.published_post(editor, slug="heat", body=building.markdown("# One\n\n*Warm*"))


@pytest.mark.parametrize("path", ["/posts", "/posts/heat"])
@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ("body.html", ["html"]),
        ("body.markdown", ["markdown"]),
        ("body.blocks.html,body.text", ["text", "blocks"]),
        ("title,body", ["html", "toc"]),
        ("body.toc.title", ["toc"]),
    ],
)
def test_fields_load_the_notations_that_they_name(client, post, path, fields, body):
    found = data(client, path, fields=fields)
    (shown,) = found if isinstance(found, list) else [found]

    assert sorted(shown["body"]) == sorted(body)
    assert all(shown["body"].values())


def test_fields_load_the_include_that_they_name(client, admin, post):
    commenting.approved(admin, post)

    found = data(client, "/posts/heat", fields="related.title,comments.items.body.text")

    assert found["related"] == []
    assert list(found["comments"]["items"][0]["body"]) == ["text"]


@pytest.mark.parametrize("path", ["/posts", "/posts/heat"])
def test_fields_keep_parts_of_what_include_adds(client, admin, post, path):
    commenting.approved(admin, post)
    names = "title,comments.items.body.text"

    found = data(client, path, fields=names, include="comments,related")
    (shown,) = found if isinstance(found, list) else [found]

    assert {*shown} == {"title", "comments", "related"}
    assert shown["comments"] == {"items": [{"body": {"text": mock.ANY}}]}


@pytest.mark.parametrize("path", ["/posts", "/posts/heat"])
def test_a_notation_that_body_leaves_out_is_refused_in_fields(client, post, path):
    query = {"body": "markdown", "fields": "title,body.html"}

    answer = assert_problem(client.get(f"/api/v1{path}", query_string=query), 400, "bad_parameter")

    assert [fault["pointer"] for fault in answer["errors"]] == ["fields"]


@pytest.mark.thorough
def test_twenty_locales_and_twenty_values_are_one_list(config, app, editor):
    tags = [building.tag(editor) for _ in range(20)]
    post = building.published_post(editor, tag_ids=[tags[-1]["id"]])
    wide = create_app(replace(config, locales=LOCALES))
    query = "&".join(f"tag={tag['slug']}" for tag in tags)

    answer = wide.test_client().get(f"/api/v1/posts?locale=*&total=true&{query}")

    with wide.app_context():
        reader().close()
    assert (answer.status_code, len(LOCALES)) == (200, 20), answer.json
    assert [one["slug"] for one in answer.json["data"]] == [post["slug"]]
    assert answer.json["meta"]["total"] == 1


def test_no_site_has_more_than_twenty_locales():
    with pytest.raises(ConfigError, match=r"CMS_LOCALES.*at most 20"):
        Config(locales=(*LOCALES, "fr"))
