"""An earlier revision brought back: what comes, and what can not."""

import pytest

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Faq, Post, Revision
from cms.services import entries, removal, restoring
from tests import building
from tests.building import ANY, markdown
from tests.revising import (
    BODY,
    MAKERS,
    TITLE,
    diff,
    fields,
    history,
    restore,
    revised,
    save,
    url_of,
)

KINDS = list(MAKERS)


@pytest.mark.parametrize("kind", KINDS)
class TestRestoring:
    def test_brings_everything_back_as_a_new_revision(self, editor, kind):
        tags = [building.tag(editor)["id"] for _ in range(2)]
        entry = MAKERS[kind](editor, tag_ids=tags, slug="first", **{BODY[kind]: markdown("*A*")})
        changed = save(
            editor, entry, tag_ids=[], slug="second", locale="es", **{BODY[kind]: markdown("B")}
        )

        now = restore(editor, entry, 1, note="Back")

        varying = {"revision", "version", "updated_at", "left_out"}
        assert {k: v for k, v in now.items() if k not in varying} == {
            k: v for k, v in entry.items() if k not in varying
        }
        assert (now["revision"], now["version"], now["left_out"]) == (3, changed["version"] + 1, [])
        assert [one["note"] for one in history(editor, entry)] == [None, None, "Back"]
        assert fields(editor, entry, 3) == fields(editor, entry, 1)

    def test_of_what_is_there_changes_nothing(self, editor, kind):
        entry = revised(editor, kind, 2)

        assert restore(editor, entry, 2) == entry | {"left_out": []}

        assert len(history(editor, entry)) == 2

    def test_needs_the_present_version(self, editor, kind):
        entry = revised(editor, kind, 2)
        url = f"{url_of(entry)}/revisions/1/restore"

        without = editor.post(url, json={})
        stale = editor.post(url, json={}, headers={"If-Match": '"1"'})
        right = editor.post(url, json={}, headers={"If-Match": f'"{entry["version"]}"'})

        assert (without.status_code, without.json["reason"]) == (428, "version_required")
        assert (stale.status_code, stale.json["changed_fields"]) == (412, [TITLE[kind]])
        assert right.headers["ETag"] == f'"{entry["version"] + 1}"'

    def test_changes_nothing_for_readers(self, editor, client, kind):
        entry = building.publish(editor, revised(editor, kind, 2))
        public = f"/api/v1/{kind}/{entry['slug']}"
        before = client.get(public).json

        now = restore(editor, entry, 1)

        assert now["has_unpublished_changes"]
        assert client.get(public).json == before

    def test_leaves_out_tags_that_have_gone_and_names_them(self, editor, kind):
        tags = [building.tag(editor)["id"] for _ in range(3)]
        entry = MAKERS[kind](editor, tag_ids=tags)
        save(editor, entry, tag_ids=[])
        editor.delete(f"/api/v1/manage/tags/{tags[1]}", headers=ANY)

        now = restore(editor, entry, 1)

        assert now["tag_ids"] == [tags[0], tags[2]]
        assert now["left_out"] == [{"field": "tag_ids", "value": tags[1], "why": "gone"}]

    def test_leaves_a_slug_that_another_took(self, editor, kind):
        entry = MAKERS[kind](editor, slug="first", **{TITLE[kind]: "Old"})
        save(editor, entry, slug="second", **{TITLE[kind]: "New"})
        MAKERS[kind](editor, slug="first")

        now = restore(editor, entry, 1)

        assert (now["slug"], now[TITLE[kind]]) == ("second", "Old")
        assert now["left_out"] == [{"field": "slug", "value": "first", "why": "taken"}]

    def test_leaves_a_language_that_the_site_has_no_more(self, app, editor, kind):
        entry = MAKERS[kind](editor, locale="es", **{TITLE[kind]: "Old"})
        save(editor, entry, locale="en", **{TITLE[kind]: "New"})
        forget_language(app, entry)

        now = restore(editor, entry, 1)

        assert (now["locale"], now[TITLE[kind]]) == ("en", "Old")
        assert now["left_out"] == [{"field": "locale", "value": "xx", "why": "not_configured"}]

    def test_leaves_a_language_where_neither_slug_is_free(self, editor, kind):
        entry = MAKERS[kind](editor, locale="es", slug="first", **{TITLE[kind]: "Old"})
        save(editor, entry, locale="en", slug="second", **{TITLE[kind]: "New"})
        for slug in ("first", "second"):
            MAKERS[kind](editor, locale="es", slug=slug)
        MAKERS[kind](editor, locale="en", slug="first")

        now = restore(editor, entry, 1)

        assert (now["locale"], now["slug"], now[TITLE[kind]]) == ("en", "second", "Old")
        why = {(one["field"], one["value"]): one["why"] for one in now["left_out"]}
        assert why == {("locale", "es"): "taken", ("slug", "first"): "taken"}

    def test_takes_the_present_slug_along_into_the_old_language(self, editor, kind):
        entry = MAKERS[kind](editor, locale="es", slug="first")
        save(editor, entry, locale="en", slug="second")
        MAKERS[kind](editor, locale="es", slug="first")

        now = restore(editor, entry, 1)

        assert (now["locale"], now["slug"]) == ("es", "second")

    def test_leaves_fields_that_the_revision_does_not_know(self, app, editor, kind):
        entry = MAKERS[kind](editor, **{TITLE[kind]: "Old"})
        tags = [building.tag(editor)["id"]]
        save(editor, entry, tag_ids=tags, **{TITLE[kind]: "New"})
        change_first(app, entry, lambda kept: {k: v for k, v in kept.items() if k != "tag_ids"})

        now = restore(editor, entry, 1)

        assert (now[TITLE[kind]], now["tag_ids"]) == ("Old", tags)


def forget_language(app, entry):
    change_first(app, entry, lambda kept: kept | {"locale": "xx"})


def change_first(app, entry, change):
    """Make the first revision look like one of another time."""
    with app.app_context(), transaction():
        kept = db.session.get(Revision, (entry["id"], 1))
        kept.fields = change(kept.fields)


def test_a_restore_leaves_out_whatever_has_gone(app, editor):
    category, author = building.category(editor), building.author(editor)
    faq, other, post = building.faq(editor), building.post(editor), building.post(editor)
    picks = {"related": [{"post_id": other["id"], "note": "Next"}]}
    editor.put(f"{url_of(post)}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)
    editor.put(f"{url_of(post)}/related", json=picks, headers=ANY)
    save(editor, post, category_id=category["id"], author_ids=[author["id"]], note="Full")
    save(editor, post, category_id=None, author_ids=[], note="Bare")
    for path, term in (("categories", category), ("authors", author)):
        editor.delete(f"/api/v1/manage/{path}/{term['id']}", headers=ANY)
    for entry in (faq, other):
        remove(app, entry)

    now = restore(editor, post, 2)

    names = {"category_id": category, "author_ids": author, "faq_ids": faq, "related": other}
    left = {one["field"]: (one["value"], one["why"]) for one in now["left_out"]}
    assert left == {name: (gone["id"], "gone") for name, gone in names.items()}
    assert now["category_id"] is None
    assert not any(now[name] for name in names)


class TestFilesOfTheLibrary:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_body_that_shows_what_is_gone_stays_as_it_is(self, editor, kind):
        media = building.media(editor, alt="Heat")
        shown, nothing = markdown(f"![](media:{media['id']})"), markdown("Nothing")
        entry = save(editor, MAKERS[kind](editor), **{BODY[kind]: shown}, note="Shown")
        changes = {BODY[kind]: nothing, TITLE[kind]: "Another"}
        entry = save(editor, entry, **changes, note="Bare")
        assert removed(editor, media)

        now = restore(editor, entry, 2)

        gone = {"field": BODY[kind], "value": f"media:{media['id']}", "why": "gone"}
        assert now["left_out"] == [gone]
        assert now[BODY[kind]]["source"] == "Nothing"
        assert now[TITLE[kind]] != "Another"

    def test_a_hero_is_named_in_differences_and_left_out_when_it_is_gone(self, editor):
        media = building.media(editor)
        post = save(editor, building.post(editor), hero_media_id=media["id"], note="Seen")
        post = save(editor, post, hero_media_id=None, note="Bare")
        assert media["filename"] in str(diff(editor, post, 3, 2)["hero_media_id"])
        assert removed(editor, media)

        now = restore(editor, post, 2)

        gone = {"field": "hero_media_id", "value": media["id"], "why": "gone"}
        assert (now["left_out"], now["hero_media_id"]) == ([gone], None)


def removed(editor, media):
    answer = editor.delete(f"/api/v1/manage/media/{media['id']}", headers=ANY)
    return answer.status_code < 300


def test_a_restore_takes_the_body_that_the_revision_has_by_then(app, editor):
    post = save(editor, building.post(editor), body="Rendered")
    with app.app_context():
        ready = restoring.prepared(OPERATOR, Post, post["id"], 2)
    save(editor, post, body="Joined meanwhile")

    with app.app_context(), transaction():
        restoring.restore(OPERATOR, Post, post["id"], 2, None, ready=ready)

    assert fields(editor, post, 2)["body"]["source"] == "Joined meanwhile"
    assert editor.get(url_of(post)).json["data"]["body"]["source"] == "Joined meanwhile"


def remove(app, entry):
    model = Faq if "question" in entry else Post
    with app.app_context(), transaction():
        removal.remove_entry(OPERATOR, entries.lock(model, entry["id"]))


def test_a_restored_pick_keeps_its_note(editor):
    post, other = building.post(editor), building.post(editor)
    picks = [{"post_id": other["id"], "note": "Next"}]
    for related in (picks, []):
        editor.put(f"{url_of(post)}/related", json={"related": related}, headers=ANY)
        save(editor, post, excerpt=str(related)[:9], note="Done")

    assert restore(editor, post, 2)["related"] == picks


def test_comments_stay_as_they_are(editor):
    post = building.post(editor, comments_open=True)
    save(editor, post, title="New", comments_open=False)

    assert restore(editor, post, 1)["comments_open"] is False


@pytest.mark.parametrize("values", [{"note": "x" * 501}, {"title": "Mine"}, {"note": 7}, []])
def test_a_restore_takes_a_note_alone(editor, values):
    post = revised(editor, "posts", 2)

    response = editor.post(f"{url_of(post)}/revisions/1/restore", json=values, headers=ANY)

    assert response.status_code == 422
    assert editor.get(url_of(post)).json["data"] == post | {"picked_by": [], "excluded_by": []}
