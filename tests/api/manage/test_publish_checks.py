"""What is looked at before readers see an entry."""

import pytest

from tests import building
from tests.building import ANY


def findings(client, entry):
    kind = "faqs" if "question" in entry else "posts"
    answer = client.get(f"/api/v1/manage/{kind}/{entry['id']}/publication").json["data"]
    return [(one["check"], one["level"], one["pointer"]) for one in answer["findings"]]


def linking_to(address):
    return building.markdown(f"See [this]({address}).")


def test_there_is_nothing_to_say_of_a_complete_post(editor):
    assert findings(editor, building.post(editor)) == []


@pytest.mark.parametrize(("title", "slug"), [("?!", "post"), ("...", "post"), ("!", "post-2")])
def test_a_slug_that_says_nothing_is_named(editor, title, slug):
    if slug == "post-2":
        building.post(editor, title="?")
    post = building.post(editor, title=title)

    assert post["slug"] == slug
    assert findings(editor, post) == [("slug", "warning", "/slug")]


@pytest.mark.parametrize("address", ["/posts/nowhere", "https://www.example.org/posts/nowhere/"])
def test_a_link_to_a_post_that_is_not_there_is_named(editor, address):
    post = building.post(editor, body=linking_to(address))

    assert findings(editor, post) == [("links", "warning", "/body/source")]


def test_a_draft_that_is_linked_to_is_named_until_it_is_public(editor):
    target = building.post(editor, slug="target")
    post = building.post(editor, body=linking_to("/posts/target#part"))
    assert len(findings(editor, post)) == 1

    building.publish(editor, target)

    assert findings(editor, post) == []


def test_a_link_by_a_former_slug_leads_somewhere(editor):
    target = building.published_post(editor, slug="before")
    editor.patch(f"/api/v1/manage/posts/{target['id']}", json={"slug": "after"}, headers=ANY)
    building.publish(editor, target)

    assert findings(editor, building.post(editor, body=linking_to("/posts/before"))) == []


def test_a_link_by_a_slug_that_a_post_is_yet_to_have_is_named(editor):
    target = building.published_post(editor, slug="before")
    editor.patch(f"/api/v1/manage/posts/{target['id']}", json={"slug": "after"}, headers=ANY)
    building.publish(editor, target, publish_at="2500-01-01T00:00:00Z")

    assert len(findings(editor, building.post(editor, body=linking_to("/posts/after")))) == 1


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example.org/posts/x", "/about", "mailto:a@example.org", "#x"]
)
def test_other_links_are_nobody_elses_business(editor, address):
    assert findings(editor, building.post(editor, body=linking_to(address))) == []


def test_a_faq_that_is_not_public_is_named_and_left_out(client, editor):
    faqs = [building.published_faq(editor), building.faq(editor)]
    post = building.post(editor)
    url = f"/api/v1/manage/posts/{post['id']}"
    editor.put(f"{url}/faqs", json={"faq_ids": [one["id"] for one in faqs]}, headers=ANY)

    assert findings(editor, post) == [("faqs", "warning", "/faq_ids/1")]
    building.publish(editor, post)
    assert len(client.get(f"/api/v1/posts/{post['slug']}").json["data"]["faqs"]) == 1


def test_a_faq_names_its_faults_as_its_own_fields(editor):
    faq = building.faq(editor, answer=building.markdown(" "))
    url = f"/api/v1/manage/faqs/{faq['id']}/publication"

    refused = editor.put(url, json={}, headers=ANY)

    assert [one["pointer"] for one in refused.json["errors"]] == ["/answer/source"]


@pytest.mark.parametrize("source", [" ", "&nbsp;\u200b\n\n&#8203;", "<!-- a note -->", "- \n- "])
def test_a_body_of_which_nobody_sees_anything_is_a_fault(editor, source):
    post = building.post(editor, body=building.markdown(source))

    assert findings(editor, post) == [("body", "fault", "/body/source")]


@pytest.mark.parametrize("source", ["---", "![Heat](https://elsewhere.example.org/x.png)", "😀"])
def test_what_is_seen_without_words_is_a_body(editor, source):
    assert findings(editor, building.post(editor, body=building.markdown(source))) == []
