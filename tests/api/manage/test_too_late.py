"""Who changes a post or a FAQ too late is told what differs, who changed it and when."""

import pytest

from tests import building, revising
from tests.building import ANY, markdown
from tests.revising import BODY, MAKERS, TITLE, restore, save, url_of

pytestmark = pytest.mark.threat("B20")

KINDS = list(MAKERS)


def based_on(entry):
    return {"If-Match": f'"{entry["version"]}"'}


def too_late(client, entry, base=None):
    """The problem that a change gets which is based on an earlier state."""
    change = {"tag_ids": []}
    response = client.patch(url_of(entry), json=change, headers=based_on(base or entry))
    assert (response.status_code, response.json["reason"]) == (412, "stale_version")
    return response.json


@pytest.mark.parametrize("kind", KINDS)
def test_is_told_which_fields_who_and_when(editor, sign_in, kind):
    anna, ben = sign_in("editor"), sign_in("admin")
    entry = MAKERS[kind](editor)
    first = save(anna, entry, **{TITLE[kind]: "New", BODY[kind]: markdown("New.")})
    last = save(ben, entry, **{TITLE[kind]: "Newer"})

    problem = too_late(editor, entry)

    assert problem["version"] == last["version"]
    assert problem["changed_fields"] == sorted([BODY[kind], TITLE[kind]])
    changes = {one["field"]: one for one in problem["changes"]}
    by_anna = {"id": anna.user_id, "name": "A editor"}
    by_ben = {"id": ben.user_id, "name": "A admin"}
    assert changes == {
        BODY[kind]: change(BODY[kind], by_anna, first),
        TITLE[kind]: change(TITLE[kind], by_ben, last),
    }


def change(field, person, entry):
    return {"field": field, "changed_by": person, "changed_at": entry["updated_at"]}


def test_is_told_of_later_changes_alone(editor):
    post = save(editor, building.post(editor), title="New")
    save(editor, post, excerpt="Newer")

    assert too_late(editor, post)["changed_fields"] == ["excerpt"]


def test_is_told_the_truth_between_two_quick_saves(editor):
    first = save(editor, building.post(editor), title="One", excerpt="One")
    second = save(editor, first, excerpt="Two")
    save(editor, second, body="Three")

    assert too_late(editor, first)["changed_fields"] == ["body", "excerpt"]
    assert too_late(editor, second)["changed_fields"] == ["body"]


def test_is_not_told_of_what_was_changed_back(editor, sign_in):
    post = building.post(editor, title="Heat")
    save(sign_in("editor"), post, title="Warmth", excerpt="New")
    save(sign_in("editor"), post, title="Heat")

    assert too_late(editor, post)["changed_fields"] == ["excerpt"]


def test_is_told_of_a_restore(editor):
    post = save(editor, building.post(editor, title="Old"), title="New", excerpt="New")
    restore(editor, post, 1)

    assert too_late(editor, post)["changed_fields"] == ["excerpt", "title"]


def test_is_told_that_comments_were_closed(editor):
    post = building.post(editor)
    save(editor, post, comments_open=False)

    assert too_late(editor, post)["changed_fields"] == ["comments_open"]


def test_is_told_that_no_field_differs(editor):
    post = building.post(editor)
    building.publish(editor, post)

    problem = too_late(editor, post)

    assert (problem["changed_fields"], problem["changes"]) == ([], [])
    assert problem["version"] == post["version"] + 1


def test_is_told_nothing_of_a_version_that_never_was(editor):
    post = building.post(editor)

    problem = too_late(editor, post, {"version": 99})

    assert (problem["version"], problem["changed_fields"]) == (post["version"], [])


def test_is_not_told_the_name_of_who_has_gone(editor, admin, sign_in):
    post, other = building.post(editor), sign_in("editor")
    save(other, post, title="New")
    admin.delete(f"/api/v1/manage/users/{other.user_id}", headers=ANY)

    (told,) = too_late(editor, post)["changes"]

    assert (told["field"], told["changed_by"]) == ("title", None)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"excerpt": "Mine"}),
        ("PUT", "/faqs", {"faq_ids": []}),
        ("PUT", "/related", {"related": []}),
        ("PUT", "/publication", {}),
        ("DELETE", "/publication", None),
        ("POST", "/revisions/1/restore", {}),
    ],
)
def test_is_told_by_every_change(editor, method, path, body):
    post = building.publish(editor, building.post(editor))
    save(editor, post, title="New")

    answer = editor.open(url_of(post) + path, method=method, json=body, headers=based_on(post))

    assert (answer.status_code, answer.json["changed_fields"]) == (412, ["title"])


def test_is_told_the_version_alone_of_what_keeps_no_history(editor):
    tag = building.tag(editor)
    url = f"/api/v1/manage/tags/{tag['id']}"
    editor.patch(url, json={"name": "New"}, headers=ANY)

    problem = editor.patch(url, json={"name": "Mine"}, headers=based_on(tag)).json

    assert problem["version"] == tag["version"] + 1
    assert not {"changed_fields", "changes"} & set(problem)


def test_is_told_nothing_without_the_right_to_change(editor, sign_in):
    post = building.post(editor)
    save(editor, post, title="New")

    answer = sign_in("author").patch(url_of(post), json={}, headers=based_on(post))

    assert answer.status_code == 403
    assert "changed_fields" not in answer.json


def test_who_was_refused_can_merge_and_repeat(editor, sign_in):
    post = building.post(editor, title="Heat")
    save(sign_in("editor"), post, title="Warmth")
    problem = too_late(editor, post)

    assert "excerpt" not in problem["changed_fields"]
    merged = save(editor, post, headers=based_on(problem), excerpt="Mine")

    assert (merged["title"], merged["excerpt"]) == ("Warmth", "Mine")
    assert revising.numbers(editor, post) == [1, 2, 3]
