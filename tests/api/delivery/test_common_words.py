"""Words that many texts have, where a site is large: by an index of the newest, and by texts.

What a large site finds is held against what the same site finds when it is small.
"""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from sqlalchemy import false, true

from cms.api.front import front_of
from cms.database import transaction
from cms.models import Kind
from cms.services import search_newest
from cms.services.delivery import (
    common_words,
    endings,
    large_sites,
    list_bounds,
    list_narrowing,
    list_statements,
    search_courses,
    search_statements,
)
from cms.services.delivery.expressions import Wanted
from cms.services.delivery.list_statements import counting as counted
from cms.services.delivery.moment import present
from cms.services.delivery.search_courses import courses
from cms.services.search_terms import parse
from cms.worker import Worker
from tests import building

# From the oldest on.
TITLES = ["Massage", "Heat", "Deep heat", "Massages and cold", "Cold heating", "Heat again", "Zinc"]
QUERIES = [
    "massage",
    "mass",
    "mas*",
    "massage heat",
    "heat mass",
    "mass* hea* col*",
    "cold massage",
    '"deep heat"',
    '"deep heat" mass',
    '"heat some"',
    "zinc massage",
    "zinc mass* som*",
    "massage zinc heat",
    "nothing",
    "mass nothing",
    "does heat",
    '"what it" heat',
    "mass zinc what",
]
# They have words of massage only where others begin or end with them, or from the title on.
OTHERS = {"Heat lamps, and what": "It massages.", "Zinc what": "It is zinc. Heat does not."}
ENOUGH = 5


def made_large(monkeypatch, enough=ENOUGH):
    """Four texts are many, half of them are everywhere, and five hits are enough."""
    monkeypatch.setattr(search_newest, "SIZE", 4)
    monkeypatch.setattr(search_newest, "SPARE", 10)
    monkeypatch.setattr(search_newest, "BATCH", 10)
    monkeypatch.setattr(common_words, "EVERYWHERE", {True: 4, False: 4})
    monkeypatch.setattr(common_words, "OFTEN", 4)
    monkeypatch.setattr(search_statements, "MOST_RANKED", enough)


@pytest.fixture(autouse=True)
def statements():
    """Those of other numbers are forgotten, and who was found to be small."""

    original = SimpleNamespace(**vars(search_statements))

    def forget():
        large_sites._known.clear()
        list_narrowing._known.clear()
        for one in (list_statements._small_statement, list_statements._large_statement):
            one.cache_clear()
        for name in ("newest", "page", "recent", "counting"):
            getattr(original, name).cache_clear()

    forget()
    yield forget
    forget()


@pytest.fixture
def posts(editor):
    body = {"format": "markdown", "source": "Some massage, and what it does."}
    return [building.published_post(editor, title=title, body=body) for title in TITLES]


@pytest.fixture
def others(editor, posts):
    for title, source in OTHERS.items():
        body = {"format": "markdown", "source": source}
        building.published_post(editor, title=title, body=body)


@pytest.fixture
def grow(app, monkeypatch, statements):
    def grow(**options):
        made_large(monkeypatch, **options)
        with app.app_context(), transaction():
            assert search_newest.keep()
        statements()

    return grow


def asked(client, path):
    # No answer comes from memory.
    front_of(client.application).clear()
    answer = client.get(f"/api/v1/{path}&total=true")
    assert answer.status_code == 200
    return answer.json


def found(client, query):
    return [hit["title"] for hit in asked(client, f"search?q={query}")["data"]]


def assert_same_hits(client, grow, path):
    """As many before the site grows as after it, and the same ones."""
    before = asked(client, path)
    # More than there are: so the newest never have enough.
    grow(enough=100)
    after = asked(client, path)

    # Words that are everywhere may weigh nothing, so the order may be another.
    assert after["meta"]["total"] == before["meta"]["total"]
    shown = [sorted(hit["title"] for hit in one["data"]) for one in (before, after)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("query", QUERIES)
def test_a_large_site_finds_what_a_small_one_does(client, others, grow, query):
    assert_same_hits(client, grow, f"search?q={query}")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("sort", ["title", "-published_at"])
def test_lists_of_a_large_site_are_those_of_a_small_one(client, others, grow, query, sort):
    path = f"posts?q={query}&sort={sort}"
    before = asked(client, path)
    grow()

    assert asked(client, path) == before


def test_rows_are_counted_by_the_index(client, posts, grow, monkeypatch):
    grow()
    monkeypatch.setattr(list_statements, "counting", counting := Mock(wraps=counted))

    since = "published_after=2001-01-01T00:00:00Z"
    assert asked(client, f"posts?q=massage&{since}")["meta"]["total"] == len(TITLES)
    # To ask each row for the words would take seconds.
    assert [call.args[0].words for call in counting.call_args_list] == ["asked"]


def test_only_the_newest_are_asked_where_they_have_enough(client, posts, grow):
    grow()
    titles = {"Deep heat", "Massages and cold", "Cold heating", "Heat again", "Zinc"}

    assert set(found(client, "massage")) == set(found(client, "mas*")) == titles
    assert asked(client, "search?q=massage")["meta"]["total"] == ENOUGH


def test_a_title_comes_first_among_them(client, posts, grow):
    grow()

    assert found(client, "mass*")[0] == "Massages and cold"


def test_what_too_few_of_the_newest_have_is_looked_for_in_all(client, posts, grow):
    grow()

    assert set(found(client, "heat")) == {"Heat", "Deep heat", "Cold heating", "Heat again"}
    assert found(client, "massages") == ["Massages and cold"]


@pytest.mark.parametrize(("query", "count"), [("massage", ENOUGH), ("heat+mass", 3)])
def test_the_pages_of_a_search_follow_each_other(client, posts, grow, query, count):
    grow()
    whole, shown, cursor = found(client, query), [], ""
    while cursor is not None:
        page = asked(client, f"search?q={query}&limit=2{cursor}")
        shown += [hit["title"] for hit in page["data"]]
        following = page["meta"]["next_cursor"]
        cursor = following and f"&cursor={following}"

    assert shown == whole
    assert len(whole) == count


@pytest.mark.parametrize("grown_first", [True, False])
def test_the_pages_of_a_search_are_of_one_order(client, posts, grow, monkeypatch, grown_first):
    if grown_first:
        grow()
    whole = found(client, "massage")
    first = asked(client, "search?q=massage&limit=2")
    if grown_first:
        monkeypatch.setattr(large_sites, "is_large", lambda _moment: False)
    else:
        grow(enough=len(TITLES))

    rest = asked(client, f"search?q=massage&cursor={first['meta']['next_cursor']}")

    assert [hit["title"] for hit in [*first["data"], *rest["data"]]] == whole
    assert len(whole) == (ENOUGH if grown_first else len(TITLES))


def test_a_site_that_was_small_is_asked_again_after_a_while(app, posts, grow, monkeypatch):
    with app.app_context():
        assert not large_sites.is_large(present())
        known = dict(large_sites._known)
        grow()
        large_sites._known.update(known)
        assert not large_sites.is_large(present())
        later = large_sites.time.monotonic() + large_sites.BELIEVED
        monkeypatch.setattr(large_sites.time, "monotonic", lambda: later)

        assert large_sites.is_large(present())


TAGGED = ["Massage", "Heat", "Massages and cold"]


@pytest.fixture
def tagged(editor, others):
    """A few of them have a tag; and one of another tag has it too."""
    tag, other = (building.tag(editor, name=name) for name in ("Seldom", "Other"))
    category = building.category(editor, name="Filed")
    body = {"format": "markdown", "source": "Some massage, and what it does. Cold."}
    for title in TAGGED:
        tags = [tag["id"], other["id"]] if title == "Heat" else [tag["id"]]
        filed = {"category_id": category["id"]} if title == "Heat" else {}
        building.published_post(editor, title=f"{title} indeed", body=body, tag_ids=tags, **filed)
    building.published_post(editor, title="Filed", body=body, category_id=category["id"])
    return tag["id"], other["id"]


@pytest.mark.parametrize("tags", ["tag=seldom", "tag=seldom&tag=other", "tag=other"])
@pytest.mark.parametrize("query", QUERIES)
def test_what_passes_a_filter_is_what_passes_it_on_a_small_site(client, tagged, grow, query, tags):
    assert_same_hits(client, grow, f"search?q={query}&{tags}")


LISTS = ["", *(f"q={query}" for query in ("massage", "mas*", "zinc", "heat mass*", "nothing"))]


@pytest.mark.parametrize("sort", ["title", "-published_at"])
@pytest.mark.parametrize("tags", ["tag=seldom", "tag=seldom&category=filed", "category=filed"])
@pytest.mark.parametrize("query", LISTS)
def test_lists_behind_filters_are_those_of_a_small_site(
    client, tagged, grow, monkeypatch, query, tags, sort
):
    # However few rows they are.
    monkeypatch.setattr(list_bounds, "MOST_SORTED", 1)
    monkeypatch.setattr(list_narrowing, "isqrt", lambda _number: 100)
    path = f"posts?{query}&{tags}&sort={sort}"
    before = asked(client, path)
    grow(enough=100)

    assert asked(client, path) == before


@pytest.mark.parametrize(("most", "is_walked"), [(2, True), (5000, False)])
def test_a_list_is_walked_where_old_texts_have_all_of_it(
    app, tagged, grow, monkeypatch, most, is_walked
):
    grow(enough=100)
    monkeypatch.setattr(common_words, "OFTEN", 100)
    monkeypatch.setattr(list_bounds, "MOST_SORTED", most)
    with app.app_context():
        groups = [[f"tag:{tagged[0]}"]]
        words = list_narrowing.by_words(present(), "massage", Kind.POST, groups)

    assert (words.shape == "told") is is_walked
    assert words.is_filed is not is_walked


def test_a_page_of_filters_that_few_pass_together_is_found_by_the_index(
    client, tagged, grow, monkeypatch
):
    monkeypatch.setattr(list_bounds, "MOST_SORTED", 1)
    grow(enough=100)
    # Which looks at row after row of one of them.
    monkeypatch.setattr(list_statements, "has_any", lambda *_: false())

    titles = [one["title"] for one in asked(client, "posts?tag=seldom&category=filed")["data"]]

    assert titles == ["Heat indeed"]


def test_the_index_is_asked_for_words_and_filters_at_once(client, tagged, grow, monkeypatch):
    grow(enough=100)
    # Which looks at what is found by words alone.
    monkeypatch.setattr(search_statements, "has_any", lambda *_: true())

    titles = found(client, "massage&tag=seldom")

    # Who has it in the title comes first.
    assert {*titles[:2]} == {"Massage indeed", "Massages and cold indeed"}
    assert titles[2:] == ["Heat indeed"]


@pytest.mark.parametrize("query", ["massage", "mas*", "heat mass*"])
def test_what_was_merged_is_found_before_the_index_files_it(
    app, client, editor, tagged, grow, query
):
    grow(enough=100)
    every = found(client, f"{query}&tag=seldom")
    seldom, other = tagged
    address = f"/api/v1/manage/tags/{seldom}/merge"
    merged = editor.post(address, json={"into": other}, headers=building.ANY)
    assert merged.status_code == 200

    lists = [f"posts?{one}tag=other&category=filed" for one in ("", f"q={query}&")]
    assert sorted(found(client, f"{query}&tag=other")) == sorted(every)
    listed = [asked(client, path) for path in lists]
    assert [one["meta"]["total"] for one in listed] == [1, 1]
    with app.app_context():
        assert search_courses.wanted_of(present(), [], [], [[f"tag:{other}"]]).filed == []
    Worker(app).run_once()
    with app.app_context():
        assert search_courses.wanted_of(present(), [], [], [[f"tag:{other}"]]).filed
    assert [asked(client, path) for path in lists] == listed
    assert sorted(found(client, f"{query}&tag=other")) == sorted(every)


def test_the_pages_behind_a_filter_follow_each_other(client, tagged, grow):
    grow(enough=100)
    first = asked(client, "search?q=massage&tag=seldom&limit=2")
    rest = asked(client, f"search?q=massage&tag=seldom&cursor={first['meta']['next_cursor']}")

    titles = [hit["title"] for hit in [*first["data"], *rest["data"]]]
    assert titles == found(client, "massage&tag=seldom")
    assert first["meta"]["total"] == rest["meta"]["total"] == len(TAGGED)


@pytest.mark.threat("A2")
@pytest.mark.parametrize("enough", [100, 2])
@pytest.mark.parametrize("query", ["massage", "massage heat", "zinc mass*"])
def test_what_is_not_public_is_in_no_search_of_a_large_site(
    client, editor, tagged, grow, query, enough
):
    seldom = next(
        one for one in editor.get("/api/v1/manage/tags").json["data"] if one["slug"] == "seldom"
    )
    body = {"format": "markdown", "source": "Some massage, heat and zinc."}
    fields = {"body": body, "tag_ids": [seldom["id"]]}
    waiting = building.post(editor, title="Massage, heat, zinc", **fields)
    building.publish(editor, waiting, publish_at="2039-01-01T00:00:00Z")
    gone = building.published_post(editor, title="Zinc, massage and heat", **fields)
    url = f"/api/v1/manage/posts/{gone['id']}/publication"
    assert editor.delete(url, headers=building.ANY).status_code == 200
    grow(enough=enough)
    for path in ("search", "posts"):
        for more in ("", "&tag=seldom"):
            answer = asked(client, f"{path}?q={query}{more}")
            shown = [one["id"] for one in answer["data"]]
            assert not {waiting["id"], gone["id"]} & {*shown}
            assert answer["meta"]["total"] == len(shown)


def test_a_title_is_above_bodies_where_it_is_looked_for_in_texts(client, editor, posts, grow):
    long = " ".join(f"zinc word{n}" for n in range(200))
    body = {"format": "markdown", "source": f"Some massage. {long}"}
    building.published_post(editor, title="Massage for zebras", body=body)
    building.published_post(
        editor, title="Note", body={"format": "markdown", "source": "Massage zinc."}
    )
    grow(enough=100)

    assert found(client, "massage+zinc")[0] in {"Massage for zebras", "Zinc"}
    assert found(client, "massage+zinc")[-1] == "Note"


# What is asked for, what is looked through in turn, and which parts are looked for in texts.
WAYS = [
    ("massage", ["newest", "all"], []),
    ("zinc mass*", ["newest", "all"], [1]),
    # Of words that are everywhere, one is asked of the index.
    ("mass* som*", ["newest", "all"], [1]),
]


@pytest.mark.parametrize(("query", "ways", "told"), WAYS)
def test_a_large_site_asks_the_newest_first_and_what_is_rare_of_all(
    app, posts, grow, query, ways, told
):
    grow()
    with app.app_context():
        found = list(courses(present(), Wanted(parse(query), [Kind.POST])))

    assert [one.way for one in found] == ways
    assert list(found[1].places) == told


# The words that begin so, by how many may do.
ENDINGS = [
    ("mas*", 3, {"en·mas": ["en·massage", "en·massages"], "en¿mas": []}),
    ("mas*", 1, {"en¿mas": []}),
    ("massage", 3, {"en·massage": ["en·massage", "en·massages"], "en¿massage": []}),
    ('"deep hea" zinc', 3, {"en·zinc": ["en·zinc"], "en¿zinc": []}),
    ("massage x", 3, {}),
]


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(("query", "most", "known"), ENDINGS)
def test_the_few_words_that_begin_so_are_known(app, others, grow, monkeypatch, query, most, known):
    monkeypatch.setattr(endings, "MOST", most)
    with app.app_context():
        assert endings.known(present(), parse(query), list(Kind)) == {}
    grow()
    with app.app_context():
        assert endings.known(present(), parse(query), list(Kind)) == known


@pytest.mark.parametrize("most", [0, 1, 8])
@pytest.mark.parametrize("tags", ["", "&tag=seldom"])
@pytest.mark.parametrize("query", ["mas*", "heat mas*", '"what hea*"', "mass* zinc", "hea* mas*"])
@pytest.mark.only_on("postgresql")
def test_a_beginning_finds_the_same_whichever_way(
    client, tagged, grow, monkeypatch, query, tags, most
):
    monkeypatch.setattr(endings, "MOST", most)

    assert_same_hits(client, grow, f"search?q={query}{tags}")


@pytest.mark.only_on("postgresql")
def test_pages_go_on_where_all_that_is_asked_for_is_looked_for_in_texts(
    client, tagged, grow, monkeypatch
):
    monkeypatch.setattr(endings, "MOST", 0)
    grow(enough=100)
    path = "search?q=mas*&tag=seldom"
    first = asked(client, f"{path}&limit=1")
    rest = asked(client, f"{path}&cursor={first['meta']['next_cursor']}")

    titles = [hit["title"] for hit in [*first["data"], *rest["data"]]]
    assert sorted(titles) == sorted(f"{title} indeed" for title in TAGGED)
    assert rest["meta"]["total"] == len(TAGGED)


# What asks each row of a list, and what asks the index: PostgreSQL is told that it finds few.
SHAPES = [("massage", {True: "told", False: "told"}), ("zinc", {True: "asked", False: "few"})]


@pytest.mark.parametrize(("query", "shapes"), SHAPES)
def test_a_list_is_walked_where_many_have_the_words(app, posts, grow, query, shapes):
    grow()
    with app.app_context():
        moment = present()
        found = list_narrowing.by_words(moment, query, Kind.POST)

    assert found.shape == shapes[moment.reader.is_sqlite]
