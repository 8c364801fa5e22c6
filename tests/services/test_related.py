"""Similar posts: picks first, then what a worker found, and only what is public."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, distinct, func, select

from cms.database import transaction
from cms.extensions import db
from cms.models import Entry, SimilarDue, SimilarPost
from cms.services import clock, related
from tests import building
from tests.api.delivery.reading import data
from tests.building import ANY, markdown

MANAGE = "/api/v1/manage"
COLD = "Cryotherapy cools the spasticity of the calf; cryotherapy numbs spasticity."
WARM = "Saunas, blankets and hot stones belong to another world altogether."


@pytest.fixture
def refresh(app):
    def refresh():
        with app.app_context():
            while True:
                with transaction():
                    if not related.refresh(clock.now()):
                        return

    return refresh


def found(client, slug):
    return [(one["slug"], one["relation"]) for one in data(client, f"/posts/{slug}/related")]


def names(client, slug):
    return [name for name, _ in found(client, slug)]


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


def queue(app, ids):
    """Only these, and none of their neighbours."""
    with app.app_context(), transaction():
        db.session.execute(delete(SimilarDue))
        related.due(ids, spreads=False)


def work(app):
    """What a worker does until it finds nothing; answer how many posts that were."""
    done = 0
    with app.app_context():
        while True:
            with transaction():
                found = related.refresh(clock.now())
            assert found <= related.BATCH
            done += found
            if not found:
                return done


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
