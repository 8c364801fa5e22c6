"""The media library: upload once, describe, find, see where it is used, remove."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from cms.extensions import db
from cms.models import AuditEvent, Media
from cms.reading import reader
from cms.services import media_files
from cms.storage import storage
from tests import building
from tests.building import ANY, Client, markdown
from tests.files import pictures

MEDIA = "/api/v1/manage/media"
THREADS = 6


def send(client, data, name="picture.jpg", **fields):
    return client.post(MEDIA, data=building.upload(data, name, **fields))


def url_of(media):
    return f"{MEDIA}/{media['id']}"


def folders(app: Flask) -> set[str]:
    with app.app_context():
        return {one.folder for one in storage(app.config["CMS"]).kept()}


def ids(response):
    assert response.status_code == 200, response.json
    return [one["id"] for one in response.json["data"]]


class TestUploading:
    def test_answers_what_is_known_of_the_file(self, editor):
        fields = {"alt": "Two hands", "caption": "At work", "focal_x": "0.25", "focal_y": "1"}
        data = pictures.plain("JPEG", (700, 350))

        answer = send(editor, data, "Hands on a Back.PNG", **fields)

        shown = answer.json["data"]
        assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
        assert answer.headers["Location"] == url_of(shown)
        assert shown | {"alt": "Two hands", "caption": "At work"} == shown
        assert (shown["focal_x"], shown["focal_y"], shown["version"]) == (0.25, 1, 1)
        assert (shown["mime_type"], shown["width"], shown["height"]) == ("image/jpeg", 700, 350)
        assert (shown["filename"], shown["created_by"]) == ("hands-on-a-back.jpg", editor.user_id)
        assert {one["width"] for one in shown["renditions"]} == {320, 640}
        assert shown["used_in"] == []
        assert editor.get(url_of(shown)).json["data"] == shown

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd.png", "passwd.jpg"),
            ("C:/Photos/x/Зима.jpg", "zima.jpg"),
            ("a.jpg\x00.exe", "a-jpg.jpg"),
            ("<script>.svg", "script.jpg"),
            ("....", "file.jpg"),
            ("x" * 500 + ".jpg", "x" * 60 + ".jpg"),
            ("%2e%2e%2fx.html", "2e-2e-2fx.jpg"),
        ],
    )
    def test_takes_no_more_than_words_from_the_name(self, editor, name, kept):
        assert send(editor, building.picture(), name).json["data"]["filename"] == kept

    def test_of_the_same_bytes_answers_the_first(self, app, editor, sign_in):
        data = building.picture()
        first = send(editor, data, alt="First").json["data"]
        before = folders(app)

        again = send(sign_in("author"), data, "other.png", alt="Second")

        assert (again.status_code, again.json["data"]) == (200, first)
        assert folders(app) == before
        assert ids(editor.get(MEDIA)) == [first["id"]]

    def test_of_the_same_bytes_is_not_decoded_again(self, editor, monkeypatch):
        data = building.picture()
        building.media(editor, data)
        monkeypatch.setattr("cms.services.uploading.files.clean", None)

        assert send(editor, data).status_code == 200

    def test_of_the_same_bytes_at_once_gives_one_file(self, app, editor):
        data, together, before = building.picture(), Barrier(THREADS), folders(app)

        def add(_number):
            client = Client(app, use_cookies=False)
            client.token = editor.token
            together.wait()
            try:
                return send(client, data)
            finally:
                with app.app_context():
                    reader().close()

        with ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(add, range(THREADS)))
        assert sorted(one.status_code for one in answers) == [200] * (THREADS - 1) + [201]
        assert len({one.json["data"]["id"] for one in answers}) == 1
        assert len(folders(app) - before) == 1

    def test_that_can_not_be_kept_leaves_no_file(self, app, editor, monkeypatch):
        before = folders(app)

        def fail(*_, **__):
            raise RuntimeError("no")

        monkeypatch.setattr("cms.services.uploading.outbox.record", fail)

        assert send(editor, building.picture()).status_code == 500
        assert folders(app) == before

    def test_without_room_is_a_503_and_leaves_nothing(self, app, editor, monkeypatch):
        before = folders(app)

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("cms.storage._write", full)
        answer = send(editor, building.picture())

        assert (answer.status_code, answer.json["reason"]) == (503, "storage_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert folders(app) == before
        assert ids(editor.get(MEDIA)) == []

    def test_that_died_on_the_way_is_found_and_swept(self, app, editor):
        kept = building.media(editor)
        with app.app_context():
            storage(app.config["CMS"]).put("0" * 32, {"x.jpg": b"x"})

            assert "0" * 32 not in media_files.orphans()
            assert "0" * 32 in media_files.orphans(undone=0)
            assert media_files.sweep(undone=0) > 0
            assert media_files.orphans(undone=0) == media_files.missing() == []
        assert editor.get(kept["url"].removeprefix("http://api.example.org")).status_code == 200

    @pytest.mark.thorough
    def test_of_a_body_larger_than_that_of_json_works(self, app, editor):
        noise = pictures.Image.effect_noise((1600, 1600), 90).convert("RGB")
        data = pictures.encoded(noise, "PNG")
        assert len(data) > app.config["CMS"].max_body_bytes

        assert editor.post(MEDIA, **building.form(data)).status_code == 201


class TestFinding:
    @pytest.fixture
    def library(self, editor):
        made = [
            building.media(editor, alt="Warm hands"),
            building.media(editor, pictures.plain("PNG", (9, 9)), alt="Cold feet"),
            building.media(editor, b"%PDF-1.4 leaflet", caption="Warm words"),
        ]
        building.post(editor, hero_media_id=made[0]["id"])
        return [one["id"] for one in made]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", [2, 1, 0]),
            ("sort=created_at", [0, 1, 2]),
            ("q=WARM", [2, 0]),
            ("q=hands+warm", [0]),
            ("q=%25", []),
            ("mime_type=image/png", [1]),
            ("mime_type=image/png&mime_type=application/pdf", [2, 1]),
            ("unused=true", [2, 1]),
            ("unused=false", [0]),
        ],
    )
    def test_goes_by_words_kind_and_use(self, editor, library, query, found):
        assert ids(editor.get(f"{MEDIA}?{query}")) == [library[n] for n in found]

    def test_goes_page_by_page(self, editor, library):
        first = editor.get(f"{MEDIA}?limit=2&total=true")
        following = first.json["links"]["next"].removeprefix("http://api.example.org")

        assert first.json["meta"]["total"] == 3
        assert ids(first) + ids(editor.get(following)) == library[::-1]
        cursor = first.json["meta"]["next_cursor"]
        assert editor.get(f"{MEDIA}?q=warm&cursor={cursor}").status_code == 400

    def test_shows_no_uses_in_a_list(self, editor, library):
        assert all("used_in" not in one for one in editor.get(MEDIA).json["data"])


class TestChanging:
    def test_says_other_words_under_a_new_version(self, app, editor):
        made = building.media(editor, alt="Hands")
        changes = {"alt": "Warm hands", "focal_x": 0, "focal_y": 0.75}

        answer = editor.patch(url_of(made), json=changes, headers={"If-Match": '"1"'})

        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        shown = answer.json["data"]
        assert shown == made | changes | {"version": 2, "updated_at": shown["updated_at"]}
        with app.app_context():
            line = db.session.query(AuditEvent).filter_by(action="media.changed").one()
            assert line.fields == ["alt", "focal_x", "focal_y"]

    def test_into_what_is_there_changes_nothing(self, editor):
        made = building.media(editor, alt="Hands")

        same = {"alt": "Hands", "caption": "", "focal_x": 0.5}
        answer = editor.patch(url_of(made), json=same, headers=ANY)

        assert answer.json["data"] == made

    @pytest.mark.parametrize("method", ["patch", "delete"])
    def test_needs_the_present_version(self, editor, method):
        made = building.media(editor)
        call, body = getattr(editor, method), {"json": {"alt": "x"}}

        assert call(url_of(made), **body).status_code == 428
        assert call(url_of(made), **body, headers={"If-Match": '"7"'}).status_code == 412

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("alt", 1), ("alt", "x" * 501), ("alt", None), ("caption", "x" * 2001)),
            *(("focal_x", -0.1), ("focal_x", 1.1), ("focal_y", "0.5"), ("focal_y", True)),
            *(("focal_y", None), ("filename", "x"), ("width", 1), ("mime_type", "text/html")),
            *(("created_by", building.NOWHERE), ("folder", "x"), ("id", building.NOWHERE)),
        ],
    )
    def test_refuses_what_can_not_be(self, editor, field, value):
        made = building.media(editor)

        answer = editor.patch(url_of(made), json={field: value}, headers=ANY)

        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{field}")
        assert editor.get(url_of(made)).json["data"] == made

    def test_is_for_authors_with_their_own_only(self, editor, sign_in):
        author = sign_in("author")
        mine, other = building.media(author), building.media(editor)

        answers = [
            author.patch(url_of(one), json={"alt": "x"}, headers=ANY) for one in (mine, other)
        ]
        answers += [author.delete(url_of(one), headers=ANY) for one in (other, mine)]

        assert [one.status_code for one in answers] == [200, 403, 403, 204]
        assert answers[1].json["reason"] == "media_edit"


def of_draft(editor, media_id):
    building.post(editor, hero_media_id=media_id)


def of_body(editor, media_id):
    building.post(editor, body=markdown(f"[x](media:{media_id})"))


def of_answer(editor, media_id):
    building.faq(editor, answer=markdown(f"![x](media:{media_id})"))


def of_author(editor, media_id):
    building.author(editor, photo_media_id=media_id)


def of_the_public_alone(editor, media_id):
    body = markdown(f"![x](media:{media_id})")
    post = building.published_post(editor, hero_media_id=media_id, body=body)
    changes = {"hero_media_id": None, "body": markdown("Nothing")}
    editor.patch(f"/api/v1/manage/posts/{post['id']}", json=changes, headers=ANY)


USES = {
    of_draft: ("post", "hero"),
    of_body: ("post", "body"),
    of_answer: ("faq", "body"),
    of_author: ("author", "photo"),
    of_the_public_alone: ("post", "publication"),
}


@pytest.mark.parametrize("use", [of_author, of_the_public_alone], ids=lambda use: use.__name__)
def test_what_readers_see_is_for_editors(editor, sign_in, use):
    author = sign_in("author")
    media = building.media(author)
    use(editor, media["id"])

    refused = author.patch(url_of(media), json={"alt": "Other"}, headers=ANY)

    assert (refused.status_code, refused.json["reason"]) == (403, "media_edit_shown")
    assert author.patch(url_of(media), json={"alt": media["alt"]}, headers=ANY).status_code == 200
    assert editor.patch(url_of(media), json={"alt": "Other"}, headers=ANY).status_code == 200


class TestRemoving:
    def test_takes_row_and_bytes(self, app, editor):
        before = folders(app)
        made = building.media(editor)

        assert editor.delete(url_of(made), headers=ANY).status_code == 204
        assert editor.get(url_of(made)).status_code == 404
        assert editor.get(made["url"].removeprefix("http://api.example.org")).status_code == 404
        assert folders(app) == before

    @pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
    def test_refuses_what_is_used_and_names_who_does(self, app, editor, use):
        made = building.media(editor)
        use(editor, made["id"])
        shown = editor.get(url_of(made)).json["data"]["used_in"]

        refused = editor.delete(url_of(made), headers=ANY)

        assert [(one["kind"], one["as"]) for one in shown] == [USES[use]]
        assert (refused.status_code, refused.json["reason"]) == (409, "media_in_use")
        assert refused.json["used_in"] == shown
        assert shown[0]["title"] in refused.json["detail"]
        assert editor.get(made["url"].removeprefix("http://api.example.org")).status_code == 200
        with app.app_context():
            assert db.session.get(Media, made["id"]) is not None

    @pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
    def test_is_not_offered_for_what_is_used(self, editor, use):
        made, free = building.media(editor), building.media(editor)

        use(editor, made["id"])

        assert ids(editor.get(f"{MEDIA}?unused=true")) == [free["id"]]
        assert ids(editor.get(f"{MEDIA}?unused=false")) == [made["id"]]

    def test_works_when_the_last_use_ends(self, editor):
        made = building.media(editor)
        post = building.published_post(editor, body=markdown(f"![x](media:{made['id']})"))
        post_url = f"/api/v1/manage/posts/{post['id']}"
        editor.patch(post_url, json={"body": markdown("Nothing")}, headers=ANY)
        assert editor.delete(url_of(made), headers=ANY).status_code == 409

        editor.delete(f"{post_url}/publication", headers=ANY)

        assert editor.delete(url_of(made), headers=ANY).status_code == 204

    def test_and_the_same_bytes_again_are_a_new_file(self, editor):
        data = building.picture()
        first = building.media(editor, data)
        editor.delete(url_of(first), headers=ANY)

        second = send(editor, data)

        assert second.status_code == 201
        assert second.json["data"]["url"] != first["url"]


def test_a_form_that_names_a_file_by_another_field_is_told_so(editor):
    answer = editor.post(MEDIA, data={"picture": (io.BytesIO(building.picture()), "x.jpg")})

    assert {one["pointer"] for one in answer.json["errors"]} == {"/picture", "/file"}
