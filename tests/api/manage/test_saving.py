"""What a save leaves behind: a revision of its own, or a part of the quick saves before it."""

from datetime import timedelta

import pytest

from cms.database import transaction
from cms.models import Post
from cms.services import clock, entries, revisions
from cms.times import MILLISECOND, utc_now
from tests import building, revising
from tests.building import ANY
from tests.revising import fields, history, numbers, restore, row, save, url_of

KINDS = list(revising.MAKERS)


@pytest.fixture
def later(monkeypatch):
    """Move the clock on from what it was at first, which stands still."""
    start = utc_now()

    def later(span=timedelta()):
        monkeypatch.setattr(clock, "now", lambda: start + span)

    later()
    return later


@pytest.fixture
def post(editor, later):
    """A post that was begun, and then changed once: two revisions, the second one open."""
    return save(editor, building.post(editor, title="Begun"), title="Heat")


@pytest.mark.parametrize("kind", KINDS)
def test_quick_saves_of_one_person_are_one_revision(editor, later, kind):
    entry = revising.MAKERS[kind](editor)

    for number in range(5):
        later(timedelta(minutes=number))
        last = save(editor, entry, **{revising.TITLE[kind]: f"Words {number}"})

    first, joined = history(editor, entry)
    assert (first["number"], joined["number"], last["revision"]) == (1, 2, 2)
    assert joined["updated_at"] > joined["created_at"]
    assert last["version"] == entry["version"] + 5


def test_the_newest_revision_is_always_what_the_working_copy_is(editor, post, later):
    tag = building.tag(editor)["id"]

    for number, change in enumerate([{"title": "A"}, {"body": "B"}, {"tag_ids": [tag]}] * 3):
        later(timedelta(minutes=3 * number))
        now = save(editor, post, **change)

        kept = fields(editor, post, now["revision"])
        plain = {name: now[name] for name in kept if name != "body"}
        assert kept == plain | {"body": {name: now["body"][name] for name in ("format", "source")}}


def test_what_an_entry_began_with_is_kept(editor, later):
    post = building.post(editor, title="Begun")

    save(editor, post, title="Heat")

    assert (numbers(editor, post), fields(editor, post, 1)["title"]) == ([1, 2], "Begun")


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (revisions.JOINED_WITHIN - MILLISECOND, [1, 2]),
        (revisions.JOINED_WITHIN, [1, 2, 3]),
        (-MILLISECOND, [1, 2, 3]),
    ],
)
def test_ten_minutes_after_its_first_save_a_revision_is_closed(editor, post, later, span, found):
    later(span)

    save(editor, post, title="Later")

    assert numbers(editor, post) == found


def test_who_types_for_an_hour_leaves_a_revision_every_ten_minutes(editor, post, later):
    for minute in range(60):
        later(timedelta(minutes=minute))
        save(editor, post, title=f"Minute {minute}")

    assert numbers(editor, post) == [1, 2, 3, 4, 5, 6, 7]
    titles = [fields(editor, post, number)["title"] for number in range(2, 8)]
    assert titles == [f"Minute {minute}" for minute in (9, 19, 29, 39, 49, 59)]


def test_another_person_begins_another_revision(editor, sign_in, post):
    other = sign_in("editor")

    save(other, post, title="Other")
    save(editor, post, title="Mine again")

    who = [one["created_by"]["id"] for one in history(editor, post)]
    assert who == [editor.user_id, editor.user_id, other.user_id, editor.user_id]


def test_a_revision_with_a_note_is_closed(editor, post):
    save(editor, post, title="Cut", note="Cut by a third")
    save(editor, post, title="Grown")

    notes = [one["note"] for one in history(editor, post)]
    assert notes == [None, "Cut by a third", None]
    assert fields(editor, post, 2)["title"] == "Cut"


def test_a_first_revision_can_have_a_note(editor):
    post = building.post(editor, note="Moved from the old site")

    assert history(editor, post)[0]["note"] == "Moved from the old site"


@pytest.mark.parametrize("kind", KINDS)
def test_a_published_revision_never_changes(app, editor, later, kind):
    title = revising.TITLE[kind]
    entry = save(editor, revising.MAKERS[kind](editor), **{title: "Shown"})
    building.publish(editor, entry)
    before = row(app, entry, 2)

    now = save(editor, entry, **{title: "Not shown"})
    editor.delete(f"{url_of(entry)}/publication", headers=ANY)
    save(editor, entry, **{title: "Offline"})

    assert before["kept"]
    assert row(app, entry, 2) == before
    assert now["has_unpublished_changes"]
    assert numbers(editor, entry) == [1, 2, 3]


def test_what_readers_saw_once_is_kept_though_nobody_said_so(app, editor, post, monkeypatch):
    monkeypatch.setattr(revisions, "keep", lambda *_: None)
    building.publish(editor, post)
    save(editor, post, title="Second")
    building.publish(editor, post)

    save(editor, post, title="Third")

    assert numbers(editor, post) == [1, 2, 3, 4]
    assert row(app, post, 3)["kept"] is False


def test_what_somebody_keeps_is_closed(app, editor, post):
    keep(app, post, 2)
    keep(app, post, 2)

    save(editor, post, title="Later")

    assert numbers(editor, post) == [1, 2, 3]


def keep(app, entry, number):
    with app.app_context(), transaction():
        revisions.keep(entries.lock(Post, entry["id"]), number)


def test_a_restore_joins_nothing_and_nothing_joins_it(editor, post):
    restore(editor, post, 1)
    save(editor, post, title="After")

    titles = [fields(editor, post, number)["title"] for number in numbers(editor, post)]
    assert titles == ["Begun", "Heat", "Begun", "After"]


def test_a_save_that_says_nothing_new_makes_nothing(editor, post):
    assert save(editor, post, title="Heat", note="  ") == post

    assert numbers(editor, post) == [1, 2]


def test_closing_comments_makes_no_revision_and_a_new_version(editor, post):
    now = save(editor, post, comments_open=False)

    assert (now["version"], now["revision"]) == (post["version"] + 1, 2)
    assert "comments_open" not in fields(editor, post, 2)


@pytest.mark.parametrize("change", [{}, {"title": "Heat"}, {"comments_open": False}])
def test_a_note_about_no_change_is_refused(editor, post, change):
    response = editor.patch(url_of(post), json=change | {"note": "Why not"}, headers=ANY)

    assert (response.status_code, response.json["reason"]) == (422, "nothing_to_note")
    assert response.json["errors"][0]["pointer"] == "/note"
    assert editor.get(url_of(post)).json["data"] == post | {"picked_by": [], "excluded_by": []}


def test_a_noted_change_can_be_sent_again(editor, post):
    change = {"title": "Cut", "note": "Cut by a third"}
    once = save(editor, post, **change)

    assert save(editor, post, **change) == once


@pytest.mark.parametrize("note", ["x" * 501, 7, ["x"], {"a": "b"}])
def test_a_note_that_can_not_be_is_refused(editor, post, note):
    response = editor.patch(url_of(post), json={"title": "New", "note": note}, headers=ANY)

    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"].startswith("/note")
    assert numbers(editor, post) == [1, 2]


def test_what_was_changed_back_is_no_change_of_the_revision(editor, post):
    save(editor, post, title="Begun", excerpt="Short")
    assert history(editor, post)[1]["changed_fields"] == ["excerpt"]

    save(editor, post, excerpt="")

    assert history(editor, post)[1]["changed_fields"] == []
