"""B12: no field takes much longer for twice as much, in whatever it is full of, up to its limit."""

import gc
import itertools
import time

import pytest

from tests import building, commenting
from tests.building import ANY

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.exhaustive,
    pytest.mark.threat("B12"),
    pytest.mark.usefixtures("unlimited"),
]

MANAGE = "/api/v1/manage"
PATTERNS = ["[", "(", "*", ">", " ", "a@", "&#", "<a ", "-", "http://a.b ", "\u0301", "a.", "'\""]
_numbers = itertools.count()
# Below this a machine's noise is larger than what is measured, in seconds.
FLOOR = 0.01


def body_of(kind):
    return lambda text: {"body": {"format": kind, "source": text}}


# Each field: where it is sent, what else is needed, and its longest length.
FIELDS = {
    "a post's Markdown": ("posts", body_of("markdown"), 64_000),
    "a post's HTML": ("posts", body_of("html"), 64_000),
    "a post's title": ("posts", lambda text: {"title": text}, 300),
    "a post's excerpt": ("posts", lambda text: {"excerpt": text}, 1_000),
    "a source": ("posts", lambda text: {"sources": [building.source(title=text)]}, 500),
    "a FAQ's answer": ("faqs", lambda text: {"answer": building.markdown(text)}, 64_000),
    "a term's name": ("tags", lambda text: {"name": text}, 120),
    "a term's description": ("tags", lambda text: {"description": text}, 2_000),
    "a biography": ("authors", lambda text: {"bio": text}, 5_000),
    "a link": ("authors", lambda text: {"links": [f"https://example.org/{text}"]}, 480),
}
KINDS = {"posts": building.post, "faqs": building.faq, "tags": building.tag}
KINDS |= {"authors": building.author}
QUERIES = {"posts?q=": 200, "search?q=": 200, "faqs?q=": 200}


def ratio(send, most):
    """How much longer the longest takes than half of it: the smallest of some tries."""
    tries = []
    while len(tries) < 5 and min(tries, default=9) >= 2.5:
        half, whole = (seconds(send, size) for size in (most // 2, most))
        tries.append(whole / max(half, FLOOR))
    return min(tries)


def seconds(send, size):
    gc.disable()
    start = time.process_time()
    status = send(size)
    spent = time.process_time() - start
    gc.enable()
    assert status < 500
    return spent


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("field", FIELDS)
def test_twice_as_much_in_a_field_takes_less_than_three_times_as_long(admin, field, pattern):
    kind, values, most = FIELDS[field]
    url = f"{MANAGE}/{kind}/{KINDS[kind](admin)['id']}"

    def send(size):
        # Another text each time, so that it is really changed.
        text = (f"{next(_numbers)} " + pattern * size)[:size]
        return admin.patch(url, json=values(text), headers=ANY).status_code

    assert ratio(send, most) < 3


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    ("field", "most"), [("body", 5_000), ("author_name", 80), ("author_url", 500)]
)
def test_twice_as_much_in_a_comment_takes_less_than_three_times_as_long(
    app, client, post, field, most, pattern
):
    start = "https://example.org/" if field == "author_url" else ""

    def send(size):
        text = (f"{start}{next(_numbers)} " + pattern * size)[:size]
        return commenting.send(client, post, **{field: text}).status_code

    assert ratio(send, most) < 3


@pytest.mark.usefixtures("post")
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("query", QUERIES)
def test_twice_as_much_in_a_search_takes_less_than_three_times_as_long(client, query, pattern):
    def send(size):
        text = (f"{next(_numbers)}" + pattern * size)[:size]
        path, _, name = f"/api/v1/{query}".partition("?")
        return client.get(path, query_string={name.rstrip("="): text}).status_code

    assert ratio(send, QUERIES[query]) < 3


@pytest.mark.parametrize("field", FIELDS)
def test_the_longest_text_of_a_field_is_taken(admin, field):
    """So that what is measured is more than a refusal."""
    kind, values, most = FIELDS[field]
    url = f"{MANAGE}/{kind}/{KINDS[kind](admin)['id']}"

    texts = ["x" * one for one in (most, most * 100)]

    found = [admin.patch(url, json=values(one), headers=ANY).status_code for one in texts]
    assert found[0] == 200
    assert found[1] in {413, 422}


def test_what_is_beyond_a_limit_is_refused_before_it_is_read(admin, client, post):
    """However long it is: a refusal costs no more than the text that is just allowed."""
    url = f"{MANAGE}/tags/{building.tag(admin)['id']}"

    def send(size):
        values = {"name": "x" * size}
        return admin.patch(url, json=values, headers=ANY).status_code

    assert [send(size) for size in (121, 1_000_000)] == [422, 422]
    assert commenting.send(client, post, body="x" * 50_000).status_code == 422
