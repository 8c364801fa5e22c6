"""Publishing: what the public sees, and what it does not."""

import pytest
from sqlalchemy import select

from cms.extensions import db
from cms.models import AuditEvent, Generation, OutboxEvent, Publication, Revision
from tests import building
from tests.building import ANY

POSTS = "/api/v1/manage/posts"


def url_of(post):
    return f"{POSTS}/{post['id']}/publication"


class TestPublish:
    def test_a_draft_becomes_public(self, editor, client):
        post = building.post(editor)

        response = editor.put(url_of(post), json={}, headers=ANY)

        state = response.json["data"]
        assert (response.status_code, state["status"]) == (200, "published")
        assert state["live"]["revision"] == post["revision"]
        assert client.get(f"/api/v1/posts/{post['slug']}").status_code == 200

    def test_no_body_at_all_means_no_options(self, editor):
        assert editor.put(url_of(building.post(editor)), headers=ANY).status_code == 200

    def test_a_later_change_stays_private_until_it_is_published(self, editor, client):
        post = building.published_post(editor, title="Before")
        editor.patch(f"{POSTS}/{post['id']}", json={"title": "After"}, headers=ANY)
        public = f"/api/v1/posts/{post['slug']}"

        assert client.get(public).json["data"]["title"] == "Before"
        working = editor.get(f"{POSTS}/{post['id']}").json["data"]
        assert working["has_unpublished_changes"] is True

        building.publish(editor, post)
        assert client.get(public).json["data"]["title"] == "After"

    @pytest.mark.threat("B20")
    def test_publishing_twice_changes_nothing_and_announces_nothing(self, app, editor):
        post = building.published_post(editor)

        again = editor.put(url_of(post), json={}, headers=ANY)

        assert again.json["data"]["version"] == post["version"]
        with app.app_context():
            assert len(db.session.scalars(select(Publication)).all()) == 1
            events = db.session.scalars(select(OutboxEvent.type)).all()
        assert events.count("post.published") == 1

    def test_an_empty_post_is_refused_with_every_fault(self, editor, client):
        post = building.post(editor, body=building.markdown("   "))

        response = editor.put(url_of(post), json={}, headers=ANY)

        assert (response.status_code, response.json["reason"]) == (409, "not_publishable")
        assert [fault["pointer"] for fault in response.json["errors"]] == ["/body/source"]
        assert client.get(f"/api/v1/posts/{post['slug']}").status_code == 404

    def test_moved_content_keeps_its_date(self, editor, client):
        post = building.post(editor)
        editor.put(url_of(post), json={"published_at": "2019-05-01T10:00:00+02:00"}, headers=ANY)

        public = client.get(f"/api/v1/posts/{post['slug']}").json["data"]

        assert public["published_at"] == "2019-05-01T08:00:00.000Z"
        assert public["updated_at"] > "2026"

    @pytest.mark.parametrize("text", ["2999-01-01T00:00:00Z", "2020-01-01T00:00:00", "1", None, 7])
    def test_a_date_that_can_not_be_is_refused(self, editor, client, text):
        post = building.post(editor)

        response = editor.put(url_of(post), json={"published_at": text}, headers=ANY)

        assert response.status_code == 422
        assert client.get(f"/api/v1/posts/{post['slug']}").status_code == 404

    def test_every_change_of_state_is_kept_audited_and_announced(self, app, editor):
        post = building.published_post(editor)
        editor.delete(url_of(post), headers=ANY)

        with app.app_context():
            audited = db.session.scalars(
                select(AuditEvent.action).where(AuditEvent.object_id == post["id"])
            ).all()
            announced = set(db.session.scalars(select(OutboxEvent.type)))
            revisions = db.session.scalars(select(Revision.number)).all()
        expected = {"post.created", "post.published", "post.unpublished"}
        assert set(audited) == announced == expected
        assert revisions == [1]

    def test_the_generation_advances_with_public_changes_only(self, app, editor):
        post = building.post(editor)
        before = generation(app)
        building.post(editor)
        assert generation(app) == before

        building.publish(editor, post)

        assert generation(app) == before + 1


def generation(app):
    with app.app_context():
        return db.session.scalar(select(Generation.value))


class TestUnpublish:
    def test_the_post_is_gone_for_the_public_and_kept_for_editors(self, editor, client):
        post = building.published_post(editor)

        response = editor.delete(url_of(post), headers=ANY)

        state = response.json["data"]
        assert (state["status"], state["live"]) == ("offline", None)
        assert state["taken_offline"]["revision"] == post["revision"]
        assert client.get(f"/api/v1/posts/{post['slug']}").status_code == 404

    def test_links_and_the_first_date_survive_republishing(self, editor, client):
        tag = building.tag(editor)
        post = building.published_post(editor, tag_ids=[tag["id"]])
        public = f"/api/v1/posts/{post['slug']}"
        first = client.get(public).json["data"]

        editor.delete(url_of(post), headers=ANY)
        building.publish(editor, post)

        again = client.get(public).json["data"]
        assert again["published_at"] == first["published_at"]
        assert again["tags"] == [{"slug": tag["slug"], "name": tag["name"]}]

    def test_faqs_picks_and_pictures_survive_it_too(self, editor, client):
        faqs = [building.published_faq(editor) for _ in range(2)]
        other = building.published_post(editor)
        post = building.post(editor, hero_media_id=building.media(editor, alt="Heat")["id"])
        ordered = {"faq_ids": [faqs[1]["id"], faqs[0]["id"]]}
        picks = {"related": [{"post_id": other["id"], "note": "Next"}], "excluded": []}
        for path, values in (("faqs", ordered), ("related", picks)):
            editor.put(f"{POSTS}/{post['id']}/{path}", json=values, headers=ANY)
        building.publish(editor, post)
        public = f"/api/v1/posts/{post['slug']}"
        first = client.get(public).json["data"], client.get(f"{public}/related").json["data"]

        editor.delete(url_of(post), headers=ANY)
        building.publish(editor, post)

        assert client.get(f"{public}/related").json["data"] == first[1] != []
        again = client.get(public).json["data"]
        assert [again[name] for name in ("faqs", "hero")] == [first[0]["faqs"], first[0]["hero"]]
        assert [faq["id"] for faq in again["faqs"]] == ordered["faq_ids"]

    def test_taking_down_what_is_not_shown_changes_nothing(self, editor):
        post = building.post(editor)

        response = editor.delete(url_of(post), headers=ANY)

        assert response.json["data"]["taken_offline"] is None
        assert response.json["data"]["version"] == post["version"]


@pytest.mark.threat("B10")
class TestSlugs:
    def test_an_old_slug_leads_to_the_new_one_on_every_route(self, editor, client):
        post = building.published_post(editor, slug="old")
        editor.patch(f"{POSTS}/{post['id']}", json={"slug": "new"}, headers=ANY)
        building.publish(editor, post)

        for route in ("", "/related", "/faqs", "/comments", "/history"):
            response = client.get(f"/api/v1/posts/old{route}")
            assert response.status_code == 301
            assert response.headers["Location"] == f"http://api.example.org/api/v1/posts/new{route}"

    def test_a_working_slug_is_not_known_to_the_public(self, editor, client):
        post = building.published_post(editor, slug="old")
        editor.patch(f"{POSTS}/{post['id']}", json={"slug": "secret"}, headers=ANY)

        assert client.get("/api/v1/posts/secret").status_code == 404
        assert client.get("/api/v1/posts/old").status_code == 200

    def test_a_slug_of_the_past_may_be_taken_by_another_post(self, editor, client):
        post = building.published_post(editor, slug="old")
        editor.patch(f"{POSTS}/{post['id']}", json={"slug": "new"}, headers=ANY)
        building.publish(editor, post)

        other = building.published_post(editor, slug="old")

        assert client.get("/api/v1/posts/old").json["data"]["id"] == other["id"]

    def test_a_slug_that_readers_still_see_can_not_be_taken(self, editor):
        post = building.published_post(editor, slug="old")
        editor.patch(f"{POSTS}/{post['id']}", json={"slug": "new"}, headers=ANY)

        response = editor.post(POSTS, json={"title": "Other", "slug": "old"})

        assert (response.status_code, response.json["reason"]) == (409, "slug_taken")

    def test_a_slug_that_was_never_public_is_free_again(self, editor):
        post = building.post(editor, slug="first-thought")
        editor.patch(f"{POSTS}/{post['id']}", json={"slug": "better"}, headers=ANY)

        assert building.post(editor, slug="first-thought")["slug"] == "first-thought"

    def test_the_same_slug_may_live_in_two_locales(self, editor, client):
        building.published_post(editor, slug="same", title="English")
        building.published_post(editor, slug="same", title="Español", locale="es")

        assert client.get("/api/v1/posts/same").json["data"]["title"] == "English"
        assert client.get("/api/v1/posts/same?locale=es").json["data"]["title"] == "Español"
