"""Similar posts: picks first, then what a worker found, and only what is public."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import distinct, func, select

from cms.database import transaction
from cms.extensions import db
from cms.models import Entry, SimilarDue, SimilarPost
from cms.services import clock, related, similar_texts
from cms.times import format_time, utc_now
from tests import building
from tests.building import ANY, markdown
from tests.resembling import COLD, WARM, found, kept, names, queue, work

MANAGE = "/api/v1/manage"


@pytest.fixture
def refresh(app):
    return partial(work, app)


def test_neighbours_are_found_named_and_kept_in_step(editor, client, refresh):
    tag = building.tag(editor, slug="calf")["id"]
    made = {
        slug: building.published_post(
            editor, slug=slug, body=markdown(text), tag_ids=[tag] if tagged else []
        )
        for slug, text, tagged in (
            ("one", COLD, True),
            ("two", COLD + " Again.", True),
            ("three", COLD, False),
            ("far", WARM, False),
        )
    }
    refresh()

    assert names(client, "one") == ["two", "three"]
    relation = found(client, "one")[0][1]
    assert relation["kind"] == "computed"
    assert 0 < relation["score"] <= 1
    assert {"tag:calf", "term:cryotherapy"} <= set(relation["reasons"])
    assert names(client, "far") == []
    included = client.get("/api/v1/posts?include=related&slug=one").json["data"][0]["related"]
    assert [one["slug"] for one in included] == ["two", "three"]

    url = f"{MANAGE}/posts/{made['one']['id']}"
    picks = {"related": [{"post_id": made["far"]["id"], "note": "Warm"}]}
    picks["excluded"] = [made["two"]["id"]]
    assert editor.put(f"{url}/related", json=picks, headers=ANY).status_code == 200
    building.publish(editor, made["one"])
    refresh()
    assert names(client, "one") == ["far", "three"]
    assert found(client, "one")[0][1]["note"] == "Warm"

    gone = f"{MANAGE}/posts/{made['three']['id']}/publication"
    assert editor.delete(gone, headers=ANY).status_code == 200
    assert names(client, "one") == ["far"]
    refresh()
    assert names(client, "one") == ["far"]


def test_posts_of_a_category_alone_are_found_and_the_newest_of_many(
    app, editor, client, refresh, monkeypatch
):
    monkeypatch.setattr(similar_texts, "NEWEST", 1)
    wide = building.category(editor, slug="body")["id"]
    deep = building.category(editor, slug="leg", parent_id=wide)["id"]
    texts = {"one": "Zyxwv utsrq.", "two": "Kjihg fedcb.", "three": "Wwwwa vvvvb."}
    made = [
        building.published_post(editor, slug=slug, body=markdown(text), category_id=deep)
        for slug, text in texts.items()
    ]
    building.published_post(editor, slug="wide", body=markdown("Ttttd sssse."), category_id=wide)
    building.published_post(editor, slug="far", body=markdown("Qwert asdfg."))
    for _ in range(2):
        late = building.post(editor, body=markdown(WARM), category_id=deep)
        building.publish(editor, late, publish_at=format_time(utc_now() + timedelta(days=1)))
    refresh()
    queue(app, [one["id"] for one in made])
    refresh()

    assert sorted(names(client, "one")) == ["three", "two", "wide"]
    relation = dict(found(client, "one"))["three"]
    assert 0.1 <= relation["score"] <= 0.15
    assert relation["reasons"][0].startswith("category:")
    assert names(client, "far") == []


def test_the_same_site_gives_the_same_lists_in_the_same_order(app, editor, client, refresh):
    """Also on another database: the numbers are those of this text."""
    tag = building.tag(editor, slug="calf")["id"]
    texts = (COLD, COLD, COLD, COLD + " Again.", WARM + " Cryotherapy, too.", WARM)
    days = ("2024-03-01", "2024-03-01", "2024-03-01", "2023-03-02", "2024-03-01", "2020-03-01")
    made = []
    for number, (text, day) in enumerate(zip(texts, days, strict=True)):
        filed = [tag] if number == 3 else []
        post = building.post(editor, slug=f"p{number}", body=markdown(text), tag_ids=filed)
        building.publish(editor, post, published_at=f"{day}T12:00:00Z")
        made.append(post["id"])
    queue(app, made)
    refresh()
    once = kept(app)
    queue(app, reversed(made))
    refresh()

    assert kept(app) == once
    told = [(slug, one["score"], one["reasons"]) for slug, one in found(client, "p0")]
    words = ["term:spasticity", "term:cryotherapy", "term:calf"]
    # Alike and as old, so by id.
    assert told == [
        ("p1", 0.65, words),
        ("p2", 0.65, words),
        ("p3", 0.625, words),
        ("p4", 0.1921, ["term:cryotherapy"]),
    ]


def test_reasons_name_what_is_shared_as_it_is_called_now(editor, client, refresh):
    tags = [building.tag(editor, slug=slug) for slug in ("calf", "leg")]
    category = building.category(editor, slug="body")
    filed = {"tag_ids": [tags[0]["id"]], "category_id": category["id"]}
    for slug in ("one", "two"):
        building.published_post(editor, slug=slug, body=markdown(slug), **filed)
    refresh()

    def reasons():
        return found(client, "one")[0][1]["reasons"]

    assert reasons() == ["tag:calf", "category:body"]
    editor.patch(f"{MANAGE}/categories/{category['id']}", json={"slug": "limbs"}, headers=ANY)
    assert reasons() == ["tag:calf", "category:limbs"]
    url = f"{MANAGE}/tags/{tags[0]['id']}/merge"
    merged = editor.post(url, json={"into": tags[1]["id"]}, headers=ANY)
    assert merged.status_code == 200, merged.json
    assert reasons() == ["tag:leg", "category:limbs"]


@pytest.mark.thorough
def test_workers_side_by_side_never_do_the_same_post(app, editor):
    ids = [building.published_post(editor, body=markdown(COLD))["id"] for _ in range(23)]
    queue(app, ids)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, [app] * 3)) == len(ids)

    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SimilarDue)) == 0
        assert db.session.scalar(select(func.count(distinct(SimilarPost.post_id)))) == len(ids)


def test_a_transaction_ends_when_its_time_is_over_and_does_one_post_at_least(
    app, editor, monkeypatch
):
    queue(app, [building.published_post(editor, body=markdown(COLD))["id"] for _ in range(2)])
    monkeypatch.setattr(related, "SECONDS", -1.0)

    with app.app_context():
        done = []
        for _ in range(3):
            with transaction():
                done.append(related.refresh(clock.now()))
    assert done == [1, 1, 0]


def test_a_post_that_somebody_changes_is_left_for_later(app, editor):
    texts = (COLD, WARM, COLD)
    ids = [building.published_post(editor, body=markdown(text))["id"] for text in texts]
    queue(app, ids)

    with app.app_context():
        alone = db.engine.dialect.name == "sqlite"
        with db.engine.connect() as publisher:
            table = Entry.__table__
            publisher.execute(select(table.c.id).where(table.c.id == ids[1]).with_for_update())
            assert work(app) == (3 if alone else 2)
            publisher.rollback()
    assert work(app) == (0 if alone else 1)
