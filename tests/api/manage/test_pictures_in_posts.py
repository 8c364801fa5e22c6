"""Files of the library in posts, FAQs and bylines: drafts, what is public, and what follows."""

from dataclasses import replace

import pytest
from flask import current_app
from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.models import Generation, Post, Revision
from cms.services import checkup, entries, media_bodies, rebuilding
from cms.services.media_alts import missing_alts
from tests import building
from tests.building import ANY, NOWHERE, markdown
from tests.files import pictures

MANAGE = "/api/v1/manage"
PDF = b"%PDF-1.4 leaflet"


@pytest.fixture
def photo(editor):
    return building.media(editor, pictures.plain("JPEG", (900, 600)), alt="Warm hands")


@pytest.fixture
def leaflet(editor):
    return building.media(editor, PDF)


def in_body(media, alt=""):
    return markdown(f"Text\n\n![{alt}](media:{media['id']})")


def read(client, kind, slug, query=""):
    answer = client.get(f"/api/v1/{kind}/{slug}{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def change(editor, path, **fields):
    answer = editor.patch(f"{MANAGE}/{path}", json=fields, headers=ANY)
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def generation(app):
    with app.app_context():
        return db.session.scalar(select(Generation.value))


class TestThePictureOfAPost:
    def test_is_shown_with_its_sizes(self, client, editor, photo):
        post = building.published_post(editor, hero_media_id=photo["id"])

        hero = read(client, "posts", post["slug"])["hero"]

        assert (hero["url"], hero["alt"]) == (photo["url"], "Warm hands")
        assert (hero["width"], hero["height"]) == (900, 600)
        assert hero["renditions"] == photo["renditions"]
        assert {one["width"] for one in hero["renditions"]} == {320, 640}
        listed = client.get("/api/v1/posts").json["data"][0]
        assert listed["hero"] == hero

    def test_is_none_where_there_is_none(self, client, editor):
        post = building.published_post(editor)

        assert read(client, "posts", post["slug"])["hero"] is None

    def test_belongs_to_the_working_copy_until_it_is_published(self, client, editor, photo):
        other = building.media(editor)
        post = building.published_post(editor, hero_media_id=photo["id"])

        changed = change(editor, f"posts/{post['id']}", hero_media_id=other["id"])

        assert changed["hero_media_id"] == other["id"]
        assert changed["has_unpublished_changes"]
        assert read(client, "posts", post["slug"])["hero"]["url"] == photo["url"]
        building.publish(editor, post)
        assert read(client, "posts", post["slug"])["hero"]["url"] == other["url"]

    def test_is_in_the_revisions(self, app, editor, photo):
        post = building.post(editor, hero_media_id=photo["id"])
        change(editor, f"posts/{post['id']}", hero_media_id=None)

        with app.app_context():
            kept = db.session.scalars(select(Revision.fields).order_by(Revision.number)).all()
        assert [one["hero_media_id"] for one in kept] == [photo["id"], None]

    def test_can_only_be_an_image_that_is_there(self, editor, leaflet):
        for media_id, reason in ((NOWHERE, "unknown_id"), (leaflet["id"], "not_an_image")):
            values = {"title": "x", "hero_media_id": media_id}
            answer = editor.post(f"{MANAGE}/posts", json=values)
            assert (answer.status_code, answer.json["reason"]) == (422, reason)
            assert answer.json["errors"][0]["pointer"] == "/hero_media_id"


class TestThePhotoOfAnAuthor:
    def test_is_shown_at_once(self, client, editor, photo):
        author = building.author(editor)
        assert read(client, "authors", author["slug"])["photo"] is None

        change(editor, f"authors/{author['id']}", photo_media_id=photo["id"])

        shown = read(client, "authors", author["slug"])["photo"]
        assert (shown["url"], shown["alt"]) == (photo["url"], "Warm hands")
        assert client.get("/api/v1/authors").json["data"][0]["photo"] == shown

    def test_can_only_be_an_image_that_is_there(self, editor, leaflet):
        for media_id, reason in ((NOWHERE, "unknown_id"), (leaflet["id"], "not_an_image")):
            values = {"name": "x", "photo_media_id": media_id}
            answer = editor.post(f"{MANAGE}/authors", json=values)
            assert (answer.status_code, answer.json["reason"]) == (422, reason)


class TestABody:
    def test_shows_an_image_in_every_notation(self, client, editor, photo):
        post = building.published_post(editor, body=in_body(photo))

        body = read(client, "posts", post["slug"], "?body=html,markdown,text,blocks")["body"]

        assert f'src="{photo["url"]}"' in body["html"]
        assert f"{photo['renditions'][0]['url']} 320w" in body["html"]
        assert 'width="900" height="600" loading="lazy"' in body["html"]
        assert 'alt="Warm hands"' in body["html"]
        assert "".join(one["html"] for one in body["blocks"]) == body["html"]
        assert body["blocks"][1]["src"] == photo["url"]
        assert body["markdown"] == f"Text\n\n![Warm hands]({photo['url']})\n"
        assert body["text"] == "Text"

    def test_links_to_a_file(self, client, editor, leaflet):
        body = {"format": "html", "source": f"<p><a href='media:{leaflet['id']}'>Leaflet</a></p>"}
        post = building.published_post(editor, body=body)

        html = read(client, "posts", post["slug"])["body"]["html"]

        assert f'href="{leaflet["url"]}"' in html

    def test_of_an_answer_shows_them_too(self, client, editor, photo):
        faq = building.published_faq(editor, answer=in_body(photo))
        post = building.post(editor)
        faqs = {"faq_ids": [faq["id"]]}
        editor.put(f"{MANAGE}/posts/{post['id']}/faqs", json=faqs, headers=ANY)
        building.publish(editor, post)

        assert photo["url"] in read(client, "faqs", faq["slug"])["answer"]["html"]
        assert photo["url"] in read(client, "posts", post["slug"])["faqs"][0]["answer"]["html"]

    @pytest.mark.parametrize("media_id", [NOWHERE, "x", "0"])
    def test_that_names_no_file_is_refused(self, app, editor, media_id):
        post = building.post(editor)
        body = {"body": markdown(f"![x](media:{media_id})")}

        added = editor.post(f"{MANAGE}/posts", json={"title": "x"} | body)
        changed = editor.patch(f"{MANAGE}/posts/{post['id']}", json=body, headers=ANY)

        for answer in (added, changed):
            assert (answer.status_code, answer.json["reason"]) == (422, "unknown_media")
            assert answer.json["errors"][0]["pointer"] == "/body/source"
        assert editor.get(f"{MANAGE}/posts/{post['id']}").json["data"] == post | {
            "picked_by": [],
            "excluded_by": [],
        }

    def test_that_shows_a_pdf_as_an_image_is_refused(self, editor, leaflet):
        answer = editor.post(f"{MANAGE}/posts", json={"title": "x", "body": in_body(leaflet)})

        assert (answer.status_code, answer.json["reason"]) == (422, "not_an_image")

    def test_that_names_too_many_files_is_refused(self, editor, photo):
        body = markdown(f"![](media:{photo['id']})" * 501)

        answer = editor.post(f"{MANAGE}/posts", json={"title": "x", "body": body})

        assert (answer.status_code, answer.json["reason"]) == (422, "body_too_large")


class TestOtherWords:
    def test_show_at_once_wherever_the_image_stands(self, app, client, editor, photo):
        author = building.author(editor, photo_media_id=photo["id"])
        body = in_body(photo)
        post = building.published_post(editor, hero_media_id=photo["id"], body=body)
        faq = building.published_faq(editor, answer=in_body(photo))
        before, etag = generation(app), client.get(f"/api/v1/posts/{post['slug']}").headers["ETag"]

        change(editor, f"media/{photo['id']}", alt="Cold hands")

        shown = read(client, "posts", post["slug"])
        assert shown["hero"]["alt"] == "Cold hands"
        assert 'alt="Cold hands"' in shown["body"]["html"]
        assert shown["updated_at"] == post["published_at"]
        assert 'alt="Cold hands"' in read(client, "faqs", faq["slug"])["answer"]["html"]
        assert read(client, "authors", author["slug"])["photo"]["alt"] == "Cold hands"
        draft = editor.get(f"{MANAGE}/posts/{post['id']}").json["data"]
        assert 'alt="Cold hands"' in draft["body"]["html"]
        assert (draft["version"], draft["revision"]) == (post["version"], post["revision"])
        assert generation(app) == before + 1
        assert client.get(f"/api/v1/posts/{post['slug']}").headers["ETag"] != etag

    def test_leave_alone_what_an_author_wrote(self, client, editor, photo):
        post = building.published_post(editor, body=in_body(photo, "Her hands"))

        change(editor, f"media/{photo['id']}", alt="Cold hands")

        assert 'alt="Her hands"' in read(client, "posts", post["slug"])["body"]["html"]

    def test_of_what_only_a_draft_shows_are_no_public_change(self, app, editor, photo):
        building.post(editor, hero_media_id=photo["id"], body=in_body(photo))
        before = generation(app)

        change(editor, f"media/{photo['id']}", alt="Cold hands")

        assert generation(app) == before


class TestRenderingAgain:
    def test_makes_the_same(self, app, client, editor, photo):
        post = building.published_post(editor, body=in_body(photo))
        before = read(client, "posts", post["slug"], "?body=html,markdown")

        with app.app_context():
            with transaction():
                rebuilding.render_again(rebuilding.every_id())
            assert media_bodies.kept(db.session.get(Post, post["id"])) == [photo["id"]]

        assert read(client, "posts", post["slug"], "?body=html,markdown") == before

    def test_is_due_when_the_site_has_another_address(self, app, client, editor, photo):
        post = building.published_post(editor, body=in_body(photo))
        building.published_post(editor, hero_media_id=photo["id"])
        moved = replace(app.config["CMS"], public_url="https://new.example.org")
        with app.app_context():
            assert rebuilding.outdated_ids() == []
            app.config["CMS"], old = moved, app.config["CMS"]
            try:
                assert rebuilding.outdated_ids() == [post["id"]]
                with transaction():
                    rebuilding.render_again([post["id"]])
                assert rebuilding.outdated_ids() == []
                assert (
                    "https://new.example.org/media/"
                    in read(client, "posts", post["slug"])["body"]["html"]
                )
            finally:
                current_app.config["CMS"] = old

    def test_of_a_body_older_than_the_library_leaves_it(self, app, editor):
        post = building.post(editor)
        with app.app_context():
            with transaction():
                entry = entries.lock(Post, post["id"])
                entry.body_source = f"![x](media:{NOWHERE})"
            with transaction():
                rebuilding.render_again([post["id"]])

        html = editor.get(f"{MANAGE}/posts/{post['id']}").json["data"]["body"]["html"]
        assert f'src="media:{NOWHERE}"' in html


class TestTheTextsOfImages:
    def test_that_are_missing_are_named(self, app, editor):
        silent = building.media(editor)
        source = f"![](media:{silent['id']}) ![](https://a.example.org/x.png) ![Said](/y.png)"
        post = building.post(editor, hero_media_id=silent["id"], body=markdown(source))

        with app.app_context():
            found = missing_alts(entries.get(Post, post["id"]))

        assert [pointer for pointer, _ in found] == [
            "/hero_media_id",
            "/body/source",
            "/body/source",
        ]
        assert silent["url"] in found[1][1]
        assert "https://a.example.org/x.png" in found[2][1]

    def test_that_the_library_has_are_enough(self, app, editor, photo):
        post = building.post(editor, hero_media_id=photo["id"], body=in_body(photo))

        with app.app_context():
            assert missing_alts(entries.get(Post, post["id"])) == []


class TestTheCheck:
    def test_finds_files_that_are_gone(self, app, editor, photo):
        with app.app_context():
            assert checkup.files(app.config["CMS"]) == checkup.FINE
            folder = photo["url"].split("/")[-2]
            (app.config["CMS"].data_dir / "media" / folder).rename(
                app.config["CMS"].data_dir / "elsewhere"
            )
            try:
                state, detail = checkup.files(app.config["CMS"])
            finally:
                (app.config["CMS"].data_dir / "elsewhere").rename(
                    app.config["CMS"].data_dir / "media" / folder
                )
        assert state is checkup.State.PROBLEM
        assert photo["id"] in detail
