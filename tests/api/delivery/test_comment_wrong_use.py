"""Each way in which a reader, or who pretends to be one, can be wrong about comments."""

from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import select, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentStatus, Entry, Publication
from cms.services import comment_form
from cms.times import MILLISECOND, utc_now
from tests import building, commenting
from tests.api.delivery.test_receipts import given
from tests.api.refusals import assert_problem
from tests.building import ANY, NOWHERE
from tests.commenting import approved, by_receipt, leave, send, thread, url_of, words

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("unlimited")]

QUEUE = "/api/v1/manage/comments"
# What is never a reader's to say, and what somebody may try.
NOT_THEIRS = {
    "status": ["approved", "pending", None, 1],
    "is_staff": [True, False, "true"],
    "post_id": [NOWHERE, None],
    "id": [NOWHERE, ""],
    "created_at": ["2020-01-01T00:00:00Z", None, 0],
}


def kept(app):
    with app.app_context():
        return {one.id: (one.status, one.source) for one in db.session.scalars(select(Comment))}


def test_what_is_not_theirs_is_refused_by_name_on_every_way_in(app, client, moderator, post, row):
    own, root = given(client, post), approved(moderator, post)
    before = kept(app)
    ways = {
        "create": lambda more: client.post(url_of(post), json=words(**more)),
        "edit": lambda more: by_receipt(client, "PATCH", own, body="Other words", **more),
        "reply": lambda more: moderator.post(f"{QUEUE}/{root}/reply", json={"body": "x"} | more),
        "bulk": lambda more: moderator.post(f"{QUEUE}/bulk", json=BULK | more),
    }
    for (name, values), (way, call) in [(f, w) for f in NOT_THEIRS.items() for w in ways.items()]:
        for value in values if (way, name) != ("bulk", "status") else ():
            with row(way, name, str(value)):
                answer = call({name: value})
                assert answer.status_code == 422
                assert f"/{name}" in [fault["pointer"] for fault in answer.json["errors"]]
    assert kept(app) == before


BULK = {"ids": [NOWHERE], "status": "approved"}


class TestHiddenPosts:
    """Comments, forms and feeds of a post that readers may not see: as if it were not there."""

    STATES = ("draft", "offline", "scheduled", "ended", "trashed", "removed")

    def hidden(self, app, admin, state):
        post = building.post(admin)
        url = f"/api/v1/manage/posts/{post['id']}"
        if state == "scheduled":
            return building.publish(admin, post, publish_at="2500-01-01T00:00:00Z")
        if state == "draft":
            return post
        building.publish(admin, post)
        said = approved(admin, post, body="CANARY")
        if state == "ended":
            ended(app, post)
        elif state == "offline":
            assert admin.delete(f"{url}/publication", headers=ANY).status_code == 200
        else:
            more = "?permanent=true" if state == "removed" else ""
            assert admin.delete(url + more, headers=ANY).status_code == 200
        return post | {"said": said}

    @pytest.mark.parametrize("state", STATES)
    def test_they_are_not_there_for_anybody(self, app, admin, client, state):
        post = self.hidden(app, admin, state)
        page, reply = f"/api/v1/posts/{post['slug']}", {"parent_id": post.get("said")}
        asked = [
            ("GET", f"{page}/comments", None),
            ("GET", f"{page}/comments?parent={post.get('said', NOWHERE)}", None),
            ("GET", f"{page}/comment-form", None),
            ("GET", f"{page}/comments.atom", None),
            ("GET", f"{page}/comments.json", None),
            ("POST", f"{page}/comments", words()),
            ("POST", f"{page}/comments", words(**reply)),
        ]
        before = kept(app)
        for who in (client, admin):
            for method, url, body in asked:
                answer = who.open(url, method=method, json=body)
                assert_problem(answer, 404, "not_found")
                missing = who.open(url.replace(post["slug"], "no-such"), method=method, json=body)
                assert answer.json["detail"] == missing.json["detail"]
        assert client.get(f"/api/v1/comments/counts?post={post['slug']}").json == {"data": {}}
        for url in ("/api/v1/comments.atom", "/api/v1/comments.json?locale=*"):
            assert "CANARY" not in client.get(url).text
        assert kept(app) == before


def ended(app, post):
    """As time does: nothing is written when a post's end has come."""
    past = utc_now() - MILLISECOND
    with app.app_context(), transaction():
        mine = update(Publication).where(Publication.entry_id == post["id"])
        early = past - timedelta(seconds=1)
        db.session.execute(mine.values(visible_from=early, visible_until=past))
        entry = update(Entry).where(Entry.id == post["id"])
        db.session.execute(entry.values(live_from=early, live_until=past))


def tokens(app, post, other):
    """Form tokens, and whether they are good for this post now."""
    with app.app_context():
        made = {
            name: comment_form.make_token(post["id"], utc_now() - age)
            for name, age in {
                "good": timedelta(minutes=1),
                "expired": timedelta(hours=24, seconds=1),
                "too young": timedelta(),
                "of the future": -timedelta(hours=1),
            }.items()
        }
        made["of another post"] = comment_form.make_token(
            other["id"], utc_now() - timedelta(minutes=1)
        )
    time, _, signature = made["good"].partition(".")
    forged = {
        "with another time": f"{int(time) + 1}.{signature}",
        "with another's signature": f"{time}.{made['of another post'].partition('.')[2]}",
        "cut": made["good"][:-1],
        "empty": "",
        "none": None,
        "of nonsense": "../../etc/passwd\u202e",
        "very long": "1." + "A" * 10_000,
    }
    return made | forged


def test_a_bad_form_token_holds_a_comment_and_its_sender_does_not_learn_why(
    app, client, editor, moderator, post, row
):
    other = building.published_post(editor)
    for name, token in tokens(app, post, other).items():
        answer = send(client, post, form_token=token)
        with row(name):
            assert (answer.status_code, set(answer.json["data"])) == (
                202,
                {"id", "status", "receipt"},
            )
            assert answer.json["data"]["status"] == "pending"
            seen = moderator.get(f"{QUEUE}/{answer.json['data']['id']}").json["data"]
            found = {one["check"]: one["outcome"] for one in seen["verdicts"]}
            assert found["form_was_used"] == ("passed" if name == "good" else "held")


def test_a_long_chain_of_answers_is_no_deeper_than_a_short_one(app, client, moderator, post):
    """Each answers the one before. Deeper ones join the last level, and all are read by links."""
    made = [approved(moderator, post)]
    for _ in range(150):
        made.append(approved(moderator, post, parent_id=made[-1]))

    with app.app_context():
        depths = db.session.scalars(select(Comment.depth).order_by(Comment.id)).all()
    assert depths == [0, 1, 2] + [3] * 148
    page = thread(client, post)
    assert page["meta"]["total"] == len(made)
    assert sorted(walked(client, page["data"])) == sorted(made)


def walked(client, comments):
    for one in comments:
        yield one["id"]
        yield from walked(client, one["replies"])
        following = one["links"]["replies"]
        while following:
            page = client.get(following).json
            yield from walked(client, page["data"])
            following = page["links"]["next"]


def test_an_answer_to_the_last_of_ten_thousand_is_taken_as_soon_as_to_the_first(app, client, post):
    with app.app_context():
        root, *replies = commenting.insert_approved(post["id"], 10_000)
        with transaction():
            below = {"parent_id": root, "root_id": root, "depth": 1}
            db.session.execute(update(Comment).where(Comment.id.in_(replies)).values(below))
            db.session.execute(update(Comment).filter_by(id=root).values(reply_count=9_999))
    took = {}
    for name, parent in {"warm": root, "first": root, "last": replies[-1]}.items():
        begun = monotonic()
        leave(client, post, parent_id=parent)
        took[name] = monotonic() - begun
    assert took["last"] < 20 * took["first"]


def test_five_hundred_are_moved_at_once_and_no_more(app, client, moderator, post):
    ids = [NOWHERE[:-3] + f"{n:03}" for n in range(500)]
    ids[250] = leave(client, post)

    answer = moderator.post(f"{QUEUE}/bulk", json={"ids": ids, "status": "approved"})

    reasons = [one["reason"] for one in answer.json["data"]]
    assert (len(reasons), reasons.count("not_found"), reasons[250]) == (500, 499, None)
    more = moderator.post(f"{QUEUE}/bulk", json={"ids": [*ids, NOWHERE], "status": "spam"})
    assert_problem(more, 422, "validation_failed")
    assert kept(app)[ids[250]][0] is CommentStatus.APPROVED
