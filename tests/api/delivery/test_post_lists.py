"""Lists of posts, beside a model of them in a few lines of Python."""

import itertools
import random
from typing import Any

import pytest

from cms.services.delivery import list_bounds
from cms.services.folding import fold
from tests import building
from tests.api.delivery.reading import data, get, joined
from tests.emptying import emptied

SORTS = ["published_at", "-published_at", "updated_at", "-updated_at", "title", "-title"]
TIMES = [f"2020-01-{day:02}T00:00:00.000Z" for day in range(1, 10)]
FILTERS: dict[str, list[Any]] = {
    "tag": [["t0"], ["t0", "t1"], ["nothing"], ["t2", "nothing"]],
    "category": [["top"], ["leaf"], ["middle", "other"]],
    "author": [["a0"], ["a0", "a1"]],
    "slug": [["p1", "p2", "p7", "nothing"]],
    "published_after": [TIMES[3]],
    "published_before": [TIMES[6]],
    "updated_after": ["2020-06-01T00:00:00Z", "2990-01-01T00:00:00Z"],
    "locale": ["es", "*"],
}


@pytest.fixture(scope="module")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="module")
def posts(app) -> list[dict]:
    """Thirty posts with ties wherever there can be ties; some of them not public."""
    editor = building.signed_in(app, "editor")
    chance = random.Random(7)  # noqa: S311 - the same posts every time
    tags = [building.tag(editor, name=f"t{n}")["id"] for n in range(3)]
    authors = [building.author(editor, name=f"a{n}")["id"] for n in range(2)]
    top = building.category(editor, name="top")["id"]
    middle = building.category(editor, name="middle", parent_id=top)["id"]
    leaf = building.category(editor, name="leaf", parent_id=middle)["id"]
    places = [top, middle, leaf, building.category(editor, name="other")["id"], None]
    for number in range(30):
        post = building.post(
            editor,
            title=chance.choice(["Zebra", "äpfel", "Milk", "milk"]),
            slug=f"p{number}",
            locale=chance.choice(["en", "en", "es"]),
            tag_ids=chance.sample(tags, chance.randrange(3)),
            author_ids=chance.sample(authors, chance.randrange(2)),
            category_id=chance.choice(places),
        )
        if number % 6:
            building.publish(editor, post, published_at=chance.choice(TIMES))
        if number % 9 == 1:
            url = f"/api/v1/manage/posts/{post['id']}/publication"
            editor.delete(url, headers=building.ANY)
    return model(editor, {"top": "top", "middle": "top middle", "leaf": "top middle leaf"})


def model(editor, lineages: dict[str, str]) -> list[dict]:
    """What is public, by the working copies: each post with what it is found by."""
    shown = editor.get("/api/v1/manage/posts?limit=100&status=published").json["data"]
    found = []
    for post in shown:
        query = {"locale": post["locale"]}
        seen = editor.get(f"/api/v1/posts/{post['slug']}", query_string=query).json["data"]
        place = seen["category"]["slug"] if seen["category"] else ""
        found.append(
            {name: seen[name] for name in ("id", "slug", "locale", "published_at", "updated_at")}
            | {"tag": {tag["slug"] for tag in seen["tags"]}}
            | {"author": {author["slug"] for author in seen["authors"]}}
            | {"category": set(lineages.get(place, place).split()), "title": fold(seen["title"])}
        )
    return found


def expected(posts: list[dict], sort: str, query: dict[str, Any]) -> list[str]:
    """The ids that a list must have, in order."""
    key = sort.lstrip("-")
    wanted = [post for post in posts if all(fits(post, *one) for one in query.items())]
    if "locale" not in query:
        wanted = [post for post in wanted if post["locale"] == "en"]
    wanted.sort(key=lambda post: (post[key], post["id"]), reverse=sort.startswith("-"))
    return [post["id"] for post in wanted]


def fits(post: dict, name: str, value: Any) -> bool:
    match name:
        case "tag" | "author" | "category":
            return bool(post[name] & set(value))
        case "slug":
            return post["slug"] in value
        case "locale":
            return value in ("*", post["locale"])
        case "published_before":
            return post["published_at"] < value
        case _:
            return post[name.replace("after", "at")] > value


def ids(items) -> list[str]:
    return [item["id"] for item in items]


def combinations() -> list[dict[str, Any]]:
    """No filter, each filter, and every pair of them."""
    single = [{name: value} for name, values in FILTERS.items() for value in values]
    pairs = [a | b for a, b in itertools.combinations(single, 2) if a.keys() != b.keys()]
    return [{}, *single, *pairs]


@pytest.mark.thorough
@pytest.mark.parametrize("most", [list_bounds.MOST_SORTED, 3, 0])
def test_every_combination_of_filters_finds_what_it_should(client, posts, monkeypatch, most):
    """Where few rows pass a bound, they are found by it, else on the way along the list."""
    monkeypatch.setattr(list_bounds, "MOST_SORTED", most)
    for number, query in enumerate(combinations()):
        sort = SORTS[number % len(SORTS)]

        found = get(client, "/posts", limit=100, sort=sort, total="true", **query)

        assert ids(found["data"]) == expected(posts, sort, query), (sort, query)
        assert found["meta"]["total"] == len(found["data"]), (sort, query)


@pytest.mark.thorough
def test_pages_join_to_the_whole_list_over_ties(client, posts):
    any_tag, top = {"tag": ["t0", "t1", "t2"]}, {"category": ["top"]}
    queries = ({}, {"locale": "*"}, any_tag, any_tag | {"locale": "*"}, top)
    for sort, query, limit in itertools.product(SORTS, queries, (1, 4)):
        found = joined(client, "/posts", limit=limit, sort=sort, **query)

        assert ids(found) == expected(posts, sort, query), (sort, limit, query)


def test_a_list_is_newest_first_unless_asked_otherwise(client, posts):
    assert ids(data(client, "/posts", limit=100)) == expected(posts, "-published_at", {})


def test_a_repeated_value_is_one_value(client, posts):
    twice = get(client, "/posts", tag=["t0", "t0"], slug=["p1", "p1"], total="true")

    assert ids(twice["data"]) == expected(posts, "-published_at", {"tag": ["t0"], "slug": ["p1"]})
    assert twice["meta"]["total"] == len(twice["data"])
