"""Translations: one entry for each locale of a group, linked both ways and at once."""

import pytest

from tests import building
from tests.api.refusals import contents
from tests.building import ANY, NOWHERE

POSTS = "/api/v1/manage/posts"


@pytest.fixture
def english(editor):
    return building.published_post(editor, slug="heat")


@pytest.fixture
def spanish(editor, english):
    return building.published_post(editor, slug="calor", locale="es", translation_of=english["id"])


def shown(client, slug, locale):
    answer = client.get(f"/api/v1/posts/{slug}?locale={locale}")
    return [(one["locale"], one["slug"]) for one in answer.json["data"]["translations"]]


def link(editor, post, other_id):
    return editor.patch(f"{POSTS}/{post['id']}", json={"translation_of": other_id}, headers=ANY)


def test_both_sides_name_each_other_at_once(client, english, spanish):
    assert shown(client, "heat", "en") == [("es", "calor")]
    assert shown(client, "calor", "es") == [("en", "heat")]


def test_lists_name_them_too(client, english, spanish):
    listed = client.get("/api/v1/posts?locale=*").json["data"]

    assert {one["slug"]: len(one["translations"]) for one in listed} == {"heat": 1, "calor": 1}


def test_one_that_goes_offline_is_not_named_and_comes_back(client, editor, english, spanish):
    url = f"{POSTS}/{spanish['id']}/publication"
    editor.delete(url, headers=ANY)
    assert shown(client, "heat", "en") == []

    editor.put(url, json={}, headers=ANY)

    assert shown(client, "heat", "en") == [("es", "calor")]


def test_editors_see_drafts_among_them(editor, english):
    draft = building.post(editor, locale="es", translation_of=english["id"])

    found = editor.get(f"{POSTS}/{english['id']}").json["data"]["translations"]

    assert [(one["id"], one["locale"]) for one in found] == [(draft["id"], "es")]


def test_a_link_makes_no_revision(editor, english):
    other = building.post(editor, locale="es")

    answer = link(editor, other, english["id"]).json["data"]

    assert (answer["revision"], answer["version"]) == (other["revision"], other["version"] + 1)


def test_null_takes_it_out_on_both_sides(client, editor, english, spanish):
    link(editor, spanish, None)

    assert shown(client, "heat", "en") == shown(client, "calor", "es") == []


def test_what_is_missing_is_listed(editor, english, spanish):
    alone = building.post(editor)

    found = editor.get(f"{POSTS}?missing_translation=es").json["data"]

    assert [one["id"] for one in found] == [alone["id"]]


@pytest.mark.parametrize("which", ["unknown", "itself", "second", "faq"])
def test_a_link_that_can_not_be_changes_nothing(app, editor, english, spanish, which):
    second = building.post(editor, locale="es")
    target = {
        "unknown": (english, NOWHERE, 422, "unknown_id"),
        "itself": (english, english["id"], 422, "self_link"),
        "second": (second, english["id"], 409, "translation_taken"),
        "faq": (second, building.faq(editor)["id"], 422, "unknown_id"),
    }
    post, other_id, status, reason = target[which]
    before = contents(app)

    refused = link(editor, post, other_id)

    assert (refused.status_code, refused.json["reason"]) == (status, reason)
    assert contents(app) == before


def test_a_refusal_names_the_translation_that_is_there(editor, english, spanish):
    refused = link(editor, building.post(editor, locale="es"), english["id"]).json

    assert spanish["id"] in refused["errors"][0]["detail"]


def test_what_is_in_the_trash_makes_place(client, editor, english, spanish):
    editor.delete(f"{POSTS}/{spanish['id']}", headers=ANY)
    other = building.published_post(editor, slug="otro", locale="es", translation_of=english["id"])

    editor.post(f"{POSTS}/{spanish['id']}/restore", json={})

    assert shown(client, "heat", "en") == [("es", "otro")]
    assert editor.get(f"{POSTS}/{spanish['id']}").json["data"]["translations"] == []
    assert shown(client, other["slug"], "es") == [("en", "heat")]


def test_a_restore_stays_in_its_language_where_another_is_in_the_old_one(editor, english):
    url = f"{POSTS}/{english['id']}"
    editor.patch(url, json={"locale": "es", "note": "Spanish"}, headers=ANY)
    building.post(editor, locale="en", translation_of=english["id"])

    restored = editor.post(f"{url}/revisions/1/restore", json={}, headers=ANY).json["data"]

    assert restored["left_out"] == [{"field": "locale", "value": "en", "why": "taken"}]
    assert restored["locale"] == "es"


def test_faqs_that_are_missing_are_listed_alike(editor):
    english = building.faq(editor)
    building.faq(editor, locale="es", translation_of=english["id"])
    alone = building.faq(editor)

    found = editor.get("/api/v1/manage/faqs?missing_translation=es").json["data"]

    assert [one["id"] for one in found] == [alone["id"]]


def test_a_locale_that_the_group_has_already_is_refused(editor, english, spanish):
    refused = editor.patch(f"{POSTS}/{spanish['id']}", json={"locale": "en"}, headers=ANY)

    assert (refused.status_code, refused.json["reason"]) == (409, "translation_taken")


def test_faqs_are_translated_alike(client, editor):
    english = building.published_faq(editor, slug="why")
    building.published_faq(editor, slug="por-que", locale="es", translation_of=english["id"])

    found = client.get("/api/v1/faqs/why").json["data"]["translations"]

    assert found == [{"locale": "es", "slug": "por-que"}]
