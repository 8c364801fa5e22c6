"""What few entries have in common is found by an index, and lists are the same as without it."""

import re

import pytest
from sqlalchemy import insert, select, text

from cms.database import transaction
from cms.extensions import db
from cms.models import Entry, Kind
from cms.models.base import new_id
from cms.services import seldom
from cms.times import utc_now
from tests import building

POSTS = "/api/v1/manage/posts"
LATER = "2500-01-01T00:00:00Z"
QUERIES = [f"status={one}" for one in ("draft", "scheduled", "published", "offline", "trashed")]
QUERIES += ["status=draft&status=trashed", "status=published&status=draft", "q=war", "q=bath"]
QUERIES += ["has_unpublished_changes=true", "has_unpublished_changes=false", "q=war&status=draft"]
QUERIES += [f"scheduled_between=2026-01-01T00:00:00Z,{LATER[:3]}1-01-01T00:00:00Z", "q=nowhere"]


@pytest.fixture
def site(editor):
    """The id of a post of each status, and of one with changes; some twice."""
    made = {"draft": building.post(editor, title="Warm baths")["id"]}
    for name in ("published", "offline", "trashed", "changed", "scheduled"):
        made[name] = building.post(editor, title=f"A warm {name}")["id"]
        plan = {"publish_at": LATER} if name == "scheduled" else {}
        building.publish(editor, {"id": made[name]}, **plan)
    for path in (f"{made['offline']}/publication", made["trashed"]):
        assert editor.delete(f"{POSTS}/{path}", headers=building.ANY).status_code < 300
    change(editor, made["changed"], title="A warm bath")
    return made


def change(editor, post_id, **values):
    answer = editor.patch(f"{POSTS}/{post_id}", json=values, headers=building.ANY)
    assert answer.status_code == 200


def ids(editor, query):
    return [one["id"] for one in editor.get(f"{POSTS}?{query}").json["data"]]


def test_a_list_is_the_same_where_few_and_where_many_have_it(editor, site, monkeypatch, row):
    few = {query: ids(editor, query) for query in QUERIES}
    monkeypatch.setattr(seldom, "FEW", 0)

    for query in QUERIES:
        with row(query):
            assert ids(editor, query) == few[query]
            assert bool(few[query]) is ("nowhere" not in query)


def test_counts_are_as_long_as_the_lists(editor, site):
    posts = editor.get("/api/v1/manage/stats").json["data"]["posts"]

    lists = {name: f"status={name}" for name in posts if name != "unpublished_changes"}
    lists["unpublished_changes"] = "has_unpublished_changes=true"
    assert posts == {name: len(ids(editor, query)) for name, query in lists.items()}


class TestWords:
    @pytest.mark.parametrize("query", ["WÄR", "lower back", "back lower", "own-slug", "own_", "摩"])
    def test_each_begins_one_of_the_title_or_of_the_slug(self, editor, query):
        post = building.post(editor, title="Wärme for the lower back: 按摩", slug="an-own-slug")
        building.post(editor, title="Something else")

        assert ids(editor, f"q={query}") == [post["id"]]

    @pytest.mark.parametrize("query", ["ack", "warmed", "lower front", "-", "%25", "back 2"])
    def test_what_begins_none_is_not_found(self, editor, query):
        building.post(editor, title="Wärme for the lower back", slug="an-own-slug")

        assert ids(editor, f"q={query}") == []

    def test_they_are_those_of_now(self, editor):
        post = building.post(editor, title="Cold hands", slug="cold-hands")["id"]

        change(editor, post, title="Warm feet")
        assert (ids(editor, "q=feet"), ids(editor, "q=hands")) == ([post], [post])

        change(editor, post, slug="feet")
        assert (ids(editor, "q=feet"), ids(editor, "q=hands")) == ([post], [])

    def test_those_of_faqs_are_apart(self, editor):
        building.faq(editor, question="Why warm?")

        assert ids(editor, "q=warm") == []
        assert len(editor.get("/api/v1/manage/faqs?q=warm").json["data"]) == 1


# How each is entered: by more than its kind, or by an index of none but those.
ENTERED = {
    "draft": ["standing"],
    "scheduled": ["standing", "waiting_from"],
    "offline": ["live_until", "waiting_from"],
    "trashed": ["trashed_at"],
    "changed": ["changed", "waiting_from"],
    "planned": ["waiting_from", "live_ends_at"],
    "made_by": ["created_by"],
    "with_word": ["kind_word_entry_id"],
}


def way(name):
    now, kind = utc_now(), Kind.POST
    others = {"planned": (now, now), "made_by": ("x",), "with_word": ("x",), "changed": ()}
    known = {status.value: found for status, found in seldom.STATUSES.items()}
    found = known.get(name) or getattr(seldom, name)
    return found(kind, *others.get(name, (now,)))


@pytest.mark.parametrize("name", ENTERED)
def test_each_is_found_by_an_index_of_its_own(app, site, name):
    with app.app_context():
        crowd(site["published"], 2000)
        found = [index_of(part.limit(seldom.FEW + 1)) for part in way(name)]

    assert [re.sub("^ix_entr(ies|y_words)_", "", one) for one in found] == ENTERED[name]


def crowd(entry_id, count):
    """Rows beside an entry that are like it, and what PostgreSQL has to know of them."""
    table = Entry.__table__
    row = dict(db.session.execute(select(table).where(table.c.id == entry_id)).one()._mapping)
    with transaction():
        new = [row | {"id": new_id(), "translation_group": new_id()} for _ in range(count)]
        db.session.execute(insert(table), new)
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ANALYZE entries"))


def index_of(statement):
    """The index that a statement enters."""
    sql = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    sqlite = db.engine.dialect.name == "sqlite"
    plan = db.session.execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{sql}")).all()
    found = re.search(r"(?:INDEX |using |Scan on )(ix_\w+)", str(plan))
    assert found, plan
    return found[1]
