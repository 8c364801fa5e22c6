"""All comments as a file, over HTTP: out of a site, and into it again under their ids."""

import orjson
import pytest
from sqlalchemy import select

from cms import content
from cms.extensions import db
from cms.models import AuditEvent, Comment, OutboxEvent
from cms.services import checkup
from tests import building
from tests.api.manage.test_meanwhile import after, retitled
from tests.commenting import archived, thread
from tests.services.test_archiving import KINDS, QUEUE, emptied, filled

EXPORT, IMPORT = f"{QUEUE}/export", f"{QUEUE}/import"


def taken_away(who, kind):
    answer = who.post(EXPORT, json={"format": kind})
    assert answer.status_code == 200
    # To its end, before anything else is changed.
    assert answer.data
    return answer


def brought(who, data, name="comments.json", **fields):
    return who.post(IMPORT, **building.form(data, name, **fields))


@pytest.mark.parametrize("kind", KINDS)
def test_a_thread_comes_back_as_it_was(app, client, admin, moderator, post, kind):
    filled(app, client, admin, moderator, post)
    before, queue = thread(client, post), moderator.get(f"{QUEUE}?limit=100").json
    file = taken_away(admin, kind)
    assert file.headers["Content-Disposition"] == f'attachment; filename="comments.{kind}"'
    assert (file.mimetype, file.headers["Cache-Control"]) == (MIMES[kind], "private, no-store")
    emptied(app)

    first = brought(admin, file.data, f"comments.{kind}").json["data"]
    again = brought(admin, file.data, "anything", format=kind).json["data"]

    number = len(queue["data"])
    assert first == {"new": number, "there": 0, "left_out": []}
    assert again == {"new": 0, "there": number, "left_out": []}
    assert thread(client, post) == before
    assert taken_away(admin, kind).data == file.data


MIMES = {"json": "application/json", "csv": "text/csv"}


def test_what_this_site_does_not_know_is_left_out_and_named(admin, client, post):
    lost, kept = archived(post, post_id=building.NOWHERE), archived(post)
    answer = brought(admin, orjson.dumps([lost, kept]))
    assert answer.status_code == 200
    (left,) = answer.json["data"]["left_out"]
    assert (left["id"], left["detail"][:16]) == (lost["id"], "There is no post")
    assert [one["id"] for one in thread(client, post)["data"]] == [kept["id"]]


WRONG = {
    b"": "there is nothing in it",
    b"Dear all,": "names the columns",
    b"id,post_id\n": "no column 'status'",
    b"\xff\xfe": "not of UTF-8",
}


def test_a_file_that_is_none_changes_nothing_and_says_why(app, admin, post):
    for data, said in WRONG.items():
        answer = brought(admin, data, "comments.csv")
        assert (answer.status_code, answer.json["reason"]) == (422, "archive_invalid"), data
        assert said in answer.json["detail"]
    fault = orjson.dumps([archived(post), archived(post, author_email="nobody")])
    assert brought(admin, fault).json["errors"][0]["pointer"] == "/file"
    long = brought(admin, orjson.dumps([archived(post) for _ in range(2001)]))
    assert (long.status_code, long.json["reason"]) == (413, "archive_too_long")
    unnamed = brought(admin, b"[]", "comments.txt")
    assert (unnamed.status_code, unnamed.json["errors"][0]["pointer"]) == (422, "/format")
    assert brought(admin, b"[]", format="xml").status_code == 422
    assert admin.post(EXPORT, json={"format": "xml"}).status_code == 422
    assert admin.post(IMPORT, json=[]).status_code == 415
    with app.app_context():
        assert db.session.scalars(select(Comment.id)).all() == []


def test_administrators_alone_take_comments_away_and_it_is_recorded(app, admin, sign_in, post):
    for role in ("viewer", "author", "moderator", "editor"):
        who = sign_in(role)
        for answer in (who.post(EXPORT, json={}), brought(who, b"junk")):
            assert (answer.status_code, answer.json["reason"]) == (403, "comment_archive")
    assert taken_away(admin, "json").data.strip() == b"[]"
    with app.app_context():
        lines = db.session.scalars(select(AuditEvent).filter_by(action="comments.exported")).all()
    assert [one.actor_id for one in lines] == [admin.user_id]


def test_no_address_of_an_import_is_whole(app, admin, post):
    brought(admin, orjson.dumps([archived(post, network="192.0.2.77", user_agent="x" * 400)]))
    with app.app_context():
        (one,) = db.session.scalars(select(Comment)).all()
    assert (one.network, len(one.user_agent)) == ("192.0.2.0/24", 300)


class TestOthersWriteMeanwhile:
    @pytest.fixture
    def chain(self, post):
        """Comments of which each answers one that stands before it in the file."""
        ones = [archived(post) for _ in range(60)]
        for at, one in enumerate(ones[1:]):
            one["parent_id"] = ones[at // 10]["id"]
        return ones

    def test_words_are_made_ready_before_anything_is_held(self, admin, post, monkeypatch):
        data = orjson.dumps([archived(post), archived(post)])
        save = lambda: retitled(admin, f"/api/v1/manage/posts/{post['id']}")  # noqa: E731

        with monkeypatch.context() as patch:
            after(patch, content, "render_comment", save)
            assert brought(admin, data).json["data"]["new"] == 2

    def test_a_comment_takes_few_statements_and_some_are_taken_at_a_time(
        self, admin, chain, count_queries
    ):
        with count_queries() as statements:
            assert brought(admin, orjson.dumps(chain)).json["data"]["new"] == len(chain)

        assert len(statements) < 8 * len(chain)
        assert not [one for one in statements if "SAVEPOINT" in one]
        assert len([one for one in statements if "FROM threads" in one]) >= 3

    def test_what_is_brought_in_is_counted_and_announced(self, app, admin, client, post, chain):
        brought(admin, orjson.dumps(chain))

        assert thread(client, post)["meta"]["total"] == len(chain)
        with app.app_context():
            assert checkup.comment_counters(app.config["CMS"])[0] == checkup.State.OK
            told = select(OutboxEvent.id).where(OutboxEvent.type == "comment.imported")
            assert len(db.session.scalars(told).all()) == len(chain)
