"""Similar posts know what is public, and nothing else; what time does is found as well."""

import time
from datetime import datetime, timedelta

import pytest

from cms.database import transaction
from cms.services import clock, flips, related
from cms.times import format_time, utc_now
from tests import building
from tests.building import ANY, corrected, markdown
from tests.resembling import COLD, WARM, kept, names, queue, reasons, waiting, work

MANAGE = "/api/v1/manage/posts"
GARDEN = "Gardening tulips, roses and daffodils."
SECRET = "Quokkafact marsupialword embargoed trialresult."
HOUR = timedelta(hours=1)


def published(editor, slug: str, text: str, **fields) -> str:
    return building.published_post(editor, slug=slug, body=markdown(text), **fields)["id"]


def scheduled(editor, post_id: str, at: datetime, **fields) -> None:
    """Have other fields of a post wait for a time."""
    editor.patch(f"{MANAGE}/{post_id}", json=fields, headers=ANY)
    plan = {"publish_at": format_time(at)}
    answer = editor.put(f"{MANAGE}/{post_id}/publication", json=plan, headers=ANY)
    assert answer.status_code == 200, answer.json


def swept(app) -> int:
    with app.app_context(), transaction():
        return flips.sweep(clock.now())


def pairs(app) -> set[tuple[str, str]]:
    return {(post_id, similar_id) for post_id, _, similar_id, *_ in kept(app)}


@pytest.mark.threat("A2")
def test_a_text_that_waits_finds_nothing_and_is_not_told_of(app, editor, client):
    tag = building.tag(editor, slug="secret")["id"]
    changing = published(editor, "changing", GARDEN)
    published(editor, "garden", GARDEN)
    later = utc_now() + HOUR
    scheduled(editor, changing, later, body=markdown(SECRET), tag_ids=[tag])
    new = building.post(editor, body=markdown(SECRET), tag_ids=[tag])
    building.publish(editor, new, publish_at=format_time(later))
    published(editor, "probe", SECRET, tag_ids=[tag])
    work(app)

    assert reasons(client, "probe") == {}
    told = {"garden": ["term:daffodils", "term:gardening", "term:roses"]}
    assert reasons(client, "changing") == told
    assert names(client, "garden") == ["changing"]
    assert new["id"] not in {one for pair in pairs(app) for one in pair}


def test_a_text_that_waits_weighs_no_word(app, editor):
    texts = {"one": COLD + " Quokkafact.", "two": COLD, "three": WARM + " Spasticity."}
    ids = [published(editor, slug, text) for slug, text in texts.items()]
    queue(app, ids)
    work(app)
    before = kept(app)
    assert before

    for text in (SECRET, COLD, "Spasticity."):
        late = building.post(editor, body=markdown(text))
        building.publish(editor, late, publish_at=format_time(utc_now() + HOUR))
    queue(app, ids)
    work(app)
    assert kept(app) == before


def test_no_reason_outlives_a_text_that_is_public_no_more(app, editor, client):
    tag = building.tag(editor, slug="calf")["id"]
    published(editor, "one", COLD, tag_ids=[tag])
    other = published(editor, "two", COLD, tag_ids=[tag])
    work(app)
    assert reasons(client, "one")["two"][0] == "tag:calf"

    corrected(editor, other, body=markdown(COLD + " Again."), tag_ids=[])
    assert reasons(client, "one") == {"two": []}
    assert reasons(client, "two") == {"one": []}
    work(app)
    told = {"one": ["term:cryotherapy", "term:spasticity", "term:calf"]}
    assert reasons(client, "two") == told

    at = utc_now() + timedelta(seconds=0.3)
    scheduled(editor, other, at, body=markdown(WARM))
    work(app)
    assert reasons(client, "two") == told
    time.sleep(max(0.0, (at - utc_now()).total_seconds()) + 0.01)
    assert reasons(client, "one") == {"two": []}
    assert swept(app) == 1
    work(app)
    assert reasons(client, "one") == {}


def test_who_names_a_post_is_looked_at_after_it_changed_also_where_it_names_others(
    app, editor, client, monkeypatch
):
    monkeypatch.setattr(related, "KEPT", 1)
    published(editor, "one", "Cryotherapy numbs.")
    two = published(editor, "two", COLD)
    published(editor, "three", COLD)
    work(app)
    assert (names(client, "two"), names(client, "three")) == (["three"], ["two"])
    assert names(client, "one") == ["two"]

    corrected(editor, two, body=markdown(COLD + " Again."))
    work(app)
    assert reasons(client, "one")["two"] != []


def test_what_begins_and_ends_is_looked_at_as_what_is_published(app, editor, monkeypatch):
    garden, cold = published(editor, "garden", GARDEN), published(editor, "cold", COLD)
    changing = published(editor, "changing", GARDEN)
    begins, ends = utc_now() + HOUR, utc_now() + 2 * HOUR
    editor.patch(f"{MANAGE}/{changing}", json={"body": markdown(COLD)}, headers=ANY)
    plan = {"publish_at": format_time(begins), "unpublish_at": format_time(ends)}
    assert editor.put(f"{MANAGE}/{changing}/publication", json=plan, headers=ANY).status_code == 200
    work(app)
    assert pairs(app) == {(garden, changing), (changing, garden)}

    monkeypatch.setattr(clock, "now", lambda: begins)
    assert swept(app) == 1
    assert waiting(app) == {changing: True}
    work(app)
    assert pairs(app) == {(cold, changing), (changing, cold)}

    monkeypatch.setattr(clock, "now", lambda: ends)
    assert swept(app) == 1
    work(app)
    assert pairs(app) == set()


@pytest.mark.parametrize("method", ["delete", "put"])
def test_whoever_writes_down_that_a_text_has_ended_has_its_neighbours_looked_for(
    app, editor, monkeypatch, method
):
    post = building.post(editor, body=markdown(COLD))
    ends = utc_now() + HOUR
    building.publish(editor, post, unpublish_at=format_time(ends))
    faq = building.faq(editor)
    building.publish(editor, faq, unpublish_at=format_time(ends))
    work(app)
    monkeypatch.setattr(clock, "now", lambda: ends)

    url = f"{MANAGE}/{post['id']}/publication"
    assert getattr(editor, method)(url, json={}, headers=ANY).status_code == 200
    assert waiting(app) == {post["id"]: True}
    work(app)
    swept(app)
    assert waiting(app) == {}
