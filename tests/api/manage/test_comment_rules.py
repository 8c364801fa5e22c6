"""Rules over HTTP: kept with versions, tried before, and what they do to the next comment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, OutboxEvent, Thread, WordCount
from cms.times import utc_now
from tests.api.refusals import assert_problem
from tests.building import ANY
from tests.commenting import by_receipt, known_writer, leave, moderate, send, thread

URL = "/api/v1/manage/comment-rules"
BAD = [
    {"blocked_words": ["!!"]},
    {"blocked_words": ["a b c d e f g h i"]},
    {"blocked_words": ["x"] * 1001},
    {"blocked_addresses": ["nobody"]},
    {"blocked_networks": ["192.0.2.1/32"]},
    {"blocked_networks": ["2001:db8::/64"]},
    {"blocked_networks": ["everywhere"]},
    {"blocked_networks": ["fe80::%1/48"]},
    {"most_links": -1},
    {"spam_hold_at": 0.1},
    {"other": 1},
    {"limits": {"address_minute": 0}},
    {"limits": {"site_minute": "10"}},
    {"limits": {"other": 1}},
    {"limits": None},
]


def put(who, headers=ANY, **rules):
    return who.put(URL, json=rules, headers=headers)


def managed(who, comment_id):
    return who.get(f"/api/v1/manage/comments/{comment_id}").json["data"]


def outcomes(verdicts):
    return {one["check"]: one["outcome"] for one in verdicts}


def counts(app):
    with app.app_context():
        rows = db.session.execute(select(WordCount.word, WordCount.good, WordCount.bad)).all()
    return {word: (good, bad) for word, good, bad in rows if good or bad}


def test_rules_are_checked_versioned_and_whole(editor):
    before = editor.get(URL)
    for rules in BAD:
        assert put(editor, **rules).status_code == 422, rules
    assert editor.get(URL).headers["ETag"] == before.headers["ETag"]

    answer = put(editor, {"If-Match": before.headers["ETag"]}, most_links=5)
    assert answer.json["data"]["rules"]["most_links"] == 5
    assert put(editor, {"If-Match": before.headers["ETag"]}, closed=True).status_code == 412


def test_two_that_are_the_first_at_once_are_both_told(app, sign_in):
    editors = [sign_in("editor") for _ in range(8)]

    def save(one):
        with app.app_context():
            return put(one, most_links=editors.index(one)).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(save, editors)) == {200}


def test_the_form_is_open_exactly_when_a_comment_is_taken(app, client, editor, post):
    for rules, days_ago, taken in [
        ({}, 40, True),
        ({"closed": True}, 0, False),
        ({"close_after_days": 30}, 29, True),
        ({"close_after_days": 30}, 31, False),
    ]:
        first_shown(app, post, utc_now() - timedelta(days_ago))
        assert put(editor, **rules).status_code == 200
        form = client.get(f"/api/v1/posts/{post['slug']}/comment-form").json["data"]
        answer = send(client, post)
        assert (form["open"], answer.status_code) == (taken, 202 if taken else 403), rules
        assert taken or answer.json["reason"] == "comments_closed"


def first_shown(app, post, at):
    with app.app_context(), transaction():
        mine = update(Thread).where(Thread.post_id == post["id"])
        db.session.execute(mine.values(first_shown=at))


@pytest.fixture
def known(client, editor, post, monkeypatch):
    """What somebody sends whose comments are approved at once."""
    put(editor, approve_known_writers=True)
    monkeypatch.setattr("cms.services.comment_form.YOUNGEST", timedelta(0))
    return known_writer(client, editor, post)


def test_a_known_writer_can_be_public_at_once(client, post, known):
    answer = send(client, post, key="one", body="Again.", **known)
    assert answer.status_code == 201, answer.json
    assert answer.json["data"]["comment"]["body"]["text"] == "Again."
    assert thread(client, post)["meta"]["total"] == 2
    assert send(client, post, key="one", body="Again.", **known).json == answer.json


def test_edits_of_a_writer_whose_trust_is_lost_wait(client, editor, post, known):
    (first,) = thread(client, post)["data"]
    again = send(client, post, **known).json["data"]

    by_receipt(client, "PATCH", again, body="As good as before")
    moderate(editor, first["id"], status="spam")
    assert by_receipt(client, "PATCH", again, body="Buy pills").json["data"]["edit"] is not None
    assert [one["body"]["text"] for one in thread(client, post)["data"]] == ["As good as before"]


def test_an_answer_to_the_last_level_is_shown_where_it_stands(client, admin, post, known):
    admin.patch("/api/v1/manage/settings", json={"comment_levels": 2}, headers=ANY)
    (root,) = thread(client, post)["data"]
    sent, last = [], root["id"]
    for key in ("first", "second"):
        said = {"key": key, "body": key, "parent_id": last} | known
        sent.append(send(client, post, **said).json["data"])
        last = sent[0]["id"]

    assert [one["comment"]["parent_id"] for one in sent] == [root["id"]] * 2
    assert send(client, post, **said).json["data"] == sent[1]


def test_urgent_words_are_flagged_announced_and_answered_with_help(app, client, moderator, post):
    answer = send(client, post, body="I want to die")
    comment_id = answer.json["data"]["id"]
    leave(client, post)

    assert "emergency" in answer.json["data"]["help"]
    (one,) = moderator.get("/api/v1/manage/comments?flag=crisis").json["data"]
    assert (one["id"], one["flag"]) == (comment_id, "crisis")
    with app.app_context():
        query = select(OutboxEvent.payload).filter_by(type="comment.flagged")
        assert db.session.scalars(query).all() == [
            {"id": comment_id, "post_id": post["id"], "flag": "crisis"}
        ]


def test_a_redacted_version_can_be_approved_instead(client, moderator, post):
    comment_id = leave(client, post, body="Ask <b>ann@example.org</b>")
    answer = moderate(moderator, comment_id, status="approved", use="redacted")

    assert answer.json["data"]["redacted"] is None
    (shown,) = thread(client, post)["data"]
    assert shown["body"]["html"] == "<p>Ask &lt;b&gt;[email]&lt;/b&gt;</p>"
    again = moderate(moderator, comment_id, use="redacted")
    assert (again.status_code, again.json["reason"]) == (409, "no_redacted_version")


@pytest.mark.parametrize("body", ["planning _suicide_ today", "sui*ci*de", "I _want_ to die"])
def test_emphasis_hides_no_urgent_words(client, moderator, post, body):
    comment_id = leave(client, post, body=body)
    assert managed(moderator, comment_id)["flag"] == "crisis"


def test_a_redacted_version_publishes_nothing_that_markup_hides(client, moderator, post):
    hidden = r"Call 0123 4567890 or write john\@example.com, [or](mailto:john%40example.com)"
    comment_id = leave(client, post, body=hidden)
    moderate(moderator, comment_id, status="approved", use="redacted")

    (shown,) = thread(client, post)["data"]
    assert shown["body"]["html"] == "<p>Call [phone] or write [email], or</p>"


def test_what_can_not_be_taken_out_has_no_redacted_version(client, moderator, post, monkeypatch):
    monkeypatch.setattr("cms.services.checks.personal.without", lambda text: (text, ["email"]))
    comment_id = leave(client, post)

    found = managed(moderator, comment_id)
    assert (found["status"], found["redacted"]) == ("pending", None)


def test_decisions_teach_the_filter_and_changed_ones_unteach(app, client, moderator, post):
    kept = leave(client, post, body="warm hands")
    moderate(moderator, kept, status="approved")
    after_one = counts(app)
    assert sorted(after_one.values()) == [(1, 0)] * 3

    moderate(moderator, kept, status="spam")
    assert sorted(counts(app).values()) == [(0, 1)] * 3
    moderate(moderator, kept, status="pending")
    assert counts(app) == {}


def test_the_same_words_elsewhere_are_noticed(app, client, post):
    said = "These are quite enough words to tell"
    leave(client, post, body=said, author_email="a@example.org")
    for at, other in enumerate((said.upper(), said.replace("quite", "[qu**it**e](http://a.org)"))):
        again = leave(client, post, body=other, author_email=f"b{at}@example.org")
        with app.app_context():
            verdicts = db.session.get(Comment, again).verdicts
        assert outcomes(verdicts)["nobody_said_it_before"] == "held", other


def test_the_same_link_elsewhere_is_noticed_however_short_its_words(app, client, post):
    link = "[Cheap pills](https://spam.example.org/buy/now/cheap)"
    for at, expected in enumerate(("passed", "held")):
        one = leave(client, post, body=link, author_email=f"a{at}@example.org")
        with app.app_context():
            verdicts = db.session.get(Comment, one).verdicts
        assert outcomes(verdicts).get("nobody_said_it_before", "passed") == expected


@pytest.fixture
def taught(client, moderator, editor, post):
    """A filter that knows a spam and a comment."""
    put(editor, learn_from=1)
    bad = leave(client, post, body="cheap viagra pills")
    moderate(moderator, bad, status="spam")
    moderate(moderator, leave(client, post, body="warm hands"), status="approved")


def made_up(number):
    return [f"madeupword{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(number)]


@pytest.mark.usefixtures("taught")
def test_hundreds_of_other_words_before_them_hide_no_words(client, moderator, post):
    body = " ".join(made_up(350)) + " cheap viagra pills"
    told = managed(moderator, leave(client, post, body=body))
    assert "likelihood of 0.77" in str(told["verdicts"])


@pytest.mark.usefixtures("taught")
def test_a_comment_teaches_no_more_words_than_it_may(app, client, moderator, post, monkeypatch):
    monkeypatch.setattr("cms.services.learning.MOST_TAUGHT", 5)
    before = counts(app)
    long = leave(client, post, body=" ".join(made_up(50)))
    moderate(moderator, long, status="spam")
    assert len(counts(app)) == len(before) + 5

    moderate(moderator, long, status="pending")
    assert counts(app) == before


@pytest.mark.usefixtures("taught")
def test_made_up_words_in_an_address_hide_no_others(client, moderator, post):
    filler = "-".join(made_up(110))
    for link in (
        "",
        f" [here](https://evil.example/{filler})",
        f" https://a@evil.example/{filler}",
    ):
        told = managed(moderator, leave(client, post, body=f"cheap viagra pills{link} _cheap_"))
        assert "likelihood of 0.77" in str(told["verdicts"]), link


def test_rules_are_not_put_back_by_saying_nothing(editor):
    put(editor, most_links=0)
    for sent in ({}, {"data": "", "content_type": "application/json"}):
        answer = editor.put(URL, headers=ANY, **sent)
        assert_problem(answer, 400, "malformed_json")
    assert editor.get(URL).json["data"]["rules"]["most_links"] == 0
