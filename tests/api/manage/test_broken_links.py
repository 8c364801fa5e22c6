"""Links that lead no reader anywhere are counted, listed and named, as time and editors go on."""

from datetime import timedelta

import pytest

from cms.database import transaction
from cms.extensions import db
from cms.models import BodyLink
from cms.services import clock, rebuilding
from cms.times import format_time, utc_now
from tests import building
from tests.building import ANY

MANAGE = "/api/v1/manage"


def broken(editor):
    """The slugs of what the lists show, which the count agrees with."""
    found = [
        one["slug"]
        for kind in ("posts", "faqs")
        for one in editor.get(f"{MANAGE}/{kind}?broken_links=true&sort=created_at").json["data"]
    ]
    rest = editor.get(f"{MANAGE}/posts?broken_links=false&limit=100").json["data"]
    assert editor.get(f"{MANAGE}/stats").json["data"]["broken_links"] == len(found)
    assert not set(found) & {one["slug"] for one in rest}
    return found


def linking(*addresses):
    return building.markdown(" ".join(f"[this]({one})" for one in addresses))


def edit(editor, post, **changes):
    answer = editor.patch(f"{MANAGE}/posts/{post['id']}", json=changes, headers=ANY)
    assert answer.status_code == 200, answer.json


def offline(editor, post, path="publication"):
    editor.delete(f"{MANAGE}/posts/{post['id']}/{path}".rstrip("/"), headers=ANY)


def test_a_link_breaks_with_its_target_and_mends_with_it(editor):
    target = building.published_post(editor, slug="target")
    building.published_post(editor, slug="post", body=linking("/posts/target#part"))
    building.faq(editor, slug="faq", answer=linking("https://www.example.org/posts/target/"))
    assert broken(editor) == []

    offline(editor, target)
    assert broken(editor) == ["post", "faq"]
    building.publish(editor, target)
    edit(editor, target, slug="renamed")
    building.publish(editor, target)
    assert broken(editor) == []


def test_what_readers_see_counts_beside_the_working_copy_until_it_is_replaced(editor):
    post = building.published_post(editor, slug="post", body=linking("/posts/nowhere"))
    edit(editor, post, body=building.markdown("No link."), note="Mended")

    assert broken(editor) == ["post"]
    building.publish(editor, post)
    assert broken(editor) == []


def test_a_change_of_another_field_keeps_what_the_body_leads_to(editor):
    post = building.published_post(editor, slug="post", body=linking("/posts/nowhere"))
    for title in ("One", "Two"):
        edit(editor, post, title=title, note="Another revision")

    assert broken(editor) == ["post"]
    offline(editor, post, "")
    assert broken(editor) == []


def test_a_link_to_what_waits_is_broken_until_its_moment(editor, monkeypatch):
    at = utc_now() + timedelta(hours=1)
    target = building.post(editor, slug="target")
    building.publish(editor, target, publish_at=format_time(at))
    building.post(editor, slug="post", body=linking("/posts/target"))
    assert broken(editor) == ["post"]

    for name in ("now", "reading_now"):
        monkeypatch.setattr(clock, name, lambda: at)
    assert broken(editor) == []


def test_files_and_faqs_count_as_well(editor):
    image = building.media(editor)
    gone = "http://api.example.org/media/" + "0" * 32 + "/picture.jpg"
    building.post(editor, slug="there", body=linking(image["url"]))
    building.post(editor, slug="gone", body=linking(gone))
    faq, asking = building.faq(editor), building.post(editor, slug="asking")
    url = f"{MANAGE}/posts/{asking['id']}"
    editor.put(f"{url}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)

    assert broken(editor) == ["gone", "asking"]
    building.publish(editor, faq)
    assert broken(editor) == ["gone"]


@pytest.mark.parametrize("address", ["http://[", "//[x", "/posts/", "/posts/a/b", "/posts/Ä", "#x"])
@pytest.mark.thorough
def test_an_address_that_names_nothing_of_ours_is_no_link(editor, address):
    html = {"format": "html", "source": f'<p><a href="{address}">x</a> words</p>'}
    building.post(editor, body=html)

    assert broken(editor) == []


def test_rendering_again_notes_what_was_never_noted(app, editor):
    building.published_post(editor, slug="post", body=linking("/posts/nowhere"))
    with app.app_context(), transaction():
        db.session.query(BodyLink).delete()
        rebuilding.render_again(rebuilding.every_id())

    assert broken(editor) == ["post"]
