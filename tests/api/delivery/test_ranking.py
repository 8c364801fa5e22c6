"""The order of hits: titles above bodies, and pages that go on while the site changes."""

import pytest

from tests import building
from tests.building import ANY, markdown

FILLER = " ".join(f"word{n} of many" for n in range(200))


def hits(client, query):
    answer = client.get(f"/api/v1/search?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["data"], answer.json["meta"]["next_cursor"]


@pytest.fixture
def bodies(editor):
    """Nothing has it in its title: many words of it, few words at all, and an answer."""
    for times in (12, 20, 40):
        body = markdown(f"{'Lymphedema therapy. ' * times}{FILLER}")
        building.published_post(editor, title=f"{times} times", body=body)
    building.published_post(editor, title="Note", body=markdown("Lymphedema therapy."))
    building.published_faq(editor, question="What helps?", answer=markdown("Lymphedema therapy."))


@pytest.mark.parametrize("query", ["lymphedema", "lymphedema therapy", "lymph*"])
def test_a_title_is_above_all_bodies(client, editor, bodies, query):
    building.published_post(editor, title="Lymphedema therapy, basics", body=markdown(FILLER))

    found, _ = hits(client, f"q={query}")

    assert found[0]["title"] == "Lymphedema therapy, basics"
    assert len(found) == 6


COUNT = 9


@pytest.fixture
def many(editor):
    return [
        building.published_post(editor, title=f"Flip {n}", body=markdown("Flip. " * n + "End."))
        for n in range(COUNT)
    ]


# In a short question, one of them; in the title of a long post, all.
WHOLE = ["massage sleep", "massage sleep mas*", "sleep massa", "massage sleep well"]


@pytest.mark.parametrize("query", WHOLE)
def test_a_title_with_all_of_it_is_above_one_with_a_part(client, editor, query):
    answer = markdown("Massage, sleep well. Massage, sleep well.")
    building.published_faq(editor, question="Can massage help?", answer=answer)
    body = markdown(f"Sleep well. {FILLER}")
    building.published_post(editor, title="Notes on massage and on sleep", body=body)

    found, _ = hits(client, f"q={query}")

    assert [hit["kind"] for hit in found] == ["post", "faq"]


def published(editor, _posts):
    for n in range(5):
        building.published_post(editor, title=f"Else {n}", body=markdown(FILLER))


def found_as_well(editor, _posts):
    building.published_post(editor, title="Flip flip flip", body=markdown("Flip."))


def corrected(editor, posts):
    building.corrected(editor, posts[0]["id"], body=markdown(f"Flip. {FILLER}"))


def answered(editor, _posts):
    building.published_faq(editor, question="Where?", answer=markdown(FILLER * 3))


def withdrawn(editor, posts):
    url = f"/api/v1/manage/posts/{posts[1]['id']}/publication"
    assert editor.delete(url, headers=ANY).status_code == 200


@pytest.mark.parametrize("change", [published, found_as_well, corrected, answered, withdrawn])
def test_whatever_is_published_meanwhile_pages_lose_nothing(client, editor, many, change):
    shown, cursor = hits(client, "q=flip&limit=4")
    seen = {hit["id"] for hit in shown}
    change(editor, [one for one in many if one["id"] not in seen])

    rest, following = hits(client, f"q=flip&limit=50&cursor={cursor}")

    later = [hit["id"] for hit in rest]
    assert following is None
    assert not seen & {*later}
    missing = {one["id"] for one in many} - seen - {*later}
    # What was there throughout is there once.
    assert len(missing) == (change is withdrawn)


def test_what_was_shown_and_is_published_again_is_not_shown_twice(client, editor, many):
    shown, cursor = hits(client, "q=flip&limit=4")
    seen = {hit["id"] for hit in shown}
    for one in seen:
        building.corrected(editor, one, body=markdown("Flip, flip, flip."))

    rest, _ = hits(client, f"q=flip&limit=50&cursor={cursor}")

    assert {hit["id"] for hit in rest} == {one["id"] for one in many} - seen
