"""Mail reaches whom it is for, at least once, and says nothing that a reader made up."""

import re
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cms.database import transaction
from cms.extensions import db
from cms.mailing import Mailer
from cms.models import Comment, CommentMail, Mail, MailKind, MailLink, RateLimit, User
from cms.services import clock, mail_texts, mails, outbox, reviews
from cms.worker import Worker
from tests import building, commenting
from tests.api.auth.people import browse, join, log_in, make_token, status_with
from tests.api.refusals import assert_problem
from tests.building import ANY, PASSWORD
from tests.mailboxes import mailbox, text_of

RESET = "/api/v1/auth/password-reset"
NEW = "another good long password"
AGO = timedelta(days=1)
LINK = re.compile(r"http://api\.example\.org/api/v1/auth/comment-links/([\w-]{43})/(\w+)")


@pytest.fixture
def box(app, monkeypatch):
    with mailbox() as found:
        settings = {"smtp_url": found.url, "mail_from": "cms@example.org"}
        monkeypatch.setitem(app.config, "CMS", replace(app.config["CMS"], **settings))
        yield found


def work(app):
    """What a worker does about mail."""
    with app.app_context(), transaction():
        outbox.fan_out(clock.now())
    Mailer(app, threading.Event()).run_out()


def change(app, model, **values):
    with app.app_context(), transaction():
        db.session.execute(update(model).values(**values))


def wanting(app, role, comment_mail=CommentMail.AT_ONCE, **values):
    """A new person who wants mail: id and address."""
    with app.app_context():
        user_id = building.person(role)
        with transaction():
            user = db.session.get(User, user_id)
            user.comment_mail = comment_mail
            for name, value in values.items():
                setattr(user, name, value)
        return user_id, user.email


def reset_token(box):
    return re.search(r"/password-reset/([\w-]{43})\n", box.texts("password")[-1])[1]


def ask(client, email="mia@example.org"):
    return client.post(RESET, json={"email": email})


def choose(client, token, password=NEW):
    return client.post(f"{RESET}/{token}", json={"password": password})


def test_a_forgotten_password_is_replaced_once_by_mail(app, client, box):
    join(app)
    mia = browse(app)
    secret = make_token(mia)["token"]
    known, unknown = ask(client, " MIA@example.org"), ask(client, "nobody@example.org")
    Worker(app).run_once()

    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert known.status_code == 202
    assert box.recipients == [["mia@example.org"]]
    token = reset_token(box)
    assert_problem(choose(client, token, "password1"), 422, "weak_password")
    assert_problem(choose(client, token, "mia@example.org"), 422, "weak_password")
    assert choose(client, token).status_code == 204

    assert (mia.me(), status_with(app, secret)) == (401, 401)
    assert log_in(client, password=PASSWORD).status_code == 401
    assert log_in(client, password=NEW).status_code == 200
    assert_problem(choose(client, token, NEW + "!"), 404, "link_over")
    with app.app_context():
        stored = [str(row) for row in db.session.execute(select(Mail.__table__)).all()]
        assert not [one for one in stored if token in one or "example.org" in one]
        assert db.session.scalar(select(func.count()).where(Mail.due_at.is_not(None))) == 0


@pytest.mark.threat("B3")
@pytest.mark.parametrize(
    "ending", ["expired", "email", "suspended", "deleted", "password", "tampered", "other"]
)
@pytest.mark.thorough
def test_a_link_for_a_password_dies(app, client, admin, box, ending):
    user_id = join(app)
    ask(client)
    work(app)
    token, url = reset_token(box), f"/api/v1/manage/users/{user_id}"
    if ending == "expired":
        change(app, MailLink, expires_at=clock_before(app))
    elif ending == "deleted":
        assert admin.delete(url, headers=ANY).status_code == 204
    elif ending == "tampered":
        token = ("A" if token[0] != "A" else "B") + token[1:]
    elif ending == "other":
        token = moderation_token(app, box, building.published_post(admin))
    else:
        changes = {"email": {"email": "m@example.org"}, "suspended": {"suspended": True}}
        changes["password"] = {"password": NEW + "?"}
        assert admin.patch(url, json=changes[ending], headers=ANY).status_code == 200

    assert_problem(choose(client, token), 404, "link_over")


def clock_before(app):
    with app.app_context():
        return clock.now() - AGO


@pytest.mark.threat("A12")
def test_asking_often_is_stopped_for_known_and_unknown_alike(app, client, box):
    join(app)

    for email in ("mia@example.org", "nobody@example.org"):
        assert [ask(client, email).status_code for _ in range(4)] == [202, 202, 202, 429]
    for wrong in ({}, {"email": ""}, {"email": 1}, {"email": "a@b.org", "x": 1}):
        assert client.post(RESET, json=wrong).status_code == 422
    evil = {"Origin": "https://evil.example"}
    assert client.post(RESET, json={"email": "a@b.org"}, headers=evil).status_code == 403
    work(app)
    assert box.recipients == [["mia@example.org"]] * 3


@pytest.mark.threat("A12")
def test_without_mail_the_answer_is_the_same_and_nothing_is_kept(app, client):
    join(app)

    assert ask(client).status_code == 202
    commenting.leave(client, building.published_post(building.signed_in(app, "editor")))
    wanting(app, "moderator")
    work(app)
    with app.app_context():
        assert db.session.scalar(select(func.count(Mail.id))) == 0


HOSTILE = "Click https://evil.example/a or www.evil.example, evil。example, me@evil.example"
FORGED = "Approve: http://api.example.org/\r\nBcc: x@example.org\u2028Spam: mailto:y@z.org"


@pytest.mark.threat("B2")
def test_waiting_comments_are_told_to_who_wants_to_know_and_may_moderate(app, client, post, box):
    wanted = {wanting(app, role)[1] for role in ("moderator", "editor", "admin")}
    wanting(app, "viewer"), wanting(app, "author")
    wanting(app, "moderator", CommentMail.NEVER), wanting(app, "editor", suspended=True)
    name = "\u202eEve http://evil.example"
    commenting.leave(client, post, author_name=name, body=f"{HOSTILE}\n{FORGED}")
    commenting.leave(client, post, body="And another.")

    work(app)

    assert sorted(map(tuple, box.recipients)) == sorted((one,) for one in wanted)
    for mail in box.arrived:
        text = text_of(mail)
        assert mail["Subject"] == "[Medical Massage] 2 comments wait"
        assert mail.get_content_type() == "text/plain"
        ours = [line for line in text.splitlines() if not line.startswith(">")]
        theirs = "\n".join(line for line in text.splitlines() if line.startswith(">"))
        assert not [line for line in ours if "evil" in line or "Bcc" in line]
        assert "http[:]//api[.]example[.]org/" in theirs
        assert not re.search(r"://|@|\w[.。]\w|mailto:|\u202e|\u2028", theirs)
        assert len(LINK.findall(text)) == 6
    work(app)
    assert len(box.arrived) == 3


def test_mail_that_waits_says_nothing_of_what_was_erased_meanwhile(app, client, admin, post, box):
    wanting(app, "moderator")
    commenting.leave(client, post, author_email="ann@example.org", body="CANARY")
    commenting.leave(client, post, body="Something else.")
    with app.app_context(), transaction():
        outbox.fan_out(clock.now())
    asked = {"email": "ann@example.org"}
    assert admin.post("/api/v1/manage/privacy/erase", json=asked).json["data"]["removed"] == 1

    work(app)

    (text,) = box.texts()
    assert ("CANARY" in text, "Something else." in text, len(LINK.findall(text))) == (
        False,
        True,
        3,
    )


@pytest.mark.threat("B2")
@pytest.mark.parametrize(
    "bad", ["a\r\nBcc: x@example.org", "a\nb", "\u202ea\x85", "=?utf-8?q?a=0A?="]
)
@pytest.mark.thorough
def test_no_name_breaks_a_header(app, client, post, box, admin, bad):
    wanting(app, "moderator")
    commenting.leave(client, post)
    # As if an older version had let it in.
    change(app, User, name=bad)
    changed = admin.patch("/api/v1/manage/settings", json={"name": bad}, headers=ANY)
    assert changed.status_code in {200, 400, 422}

    work(app)

    assert set(box.arrived[0].keys()) == {
        *("From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted"),
        *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    }
    assert "\n" not in mail_texts.one_line(bad)
    assert len(box.recipients[0]) == 1


@pytest.mark.threat("B2")
def test_no_host_of_signs_becomes_a_link_and_a_sentence_stays_as_it_is():
    for host in ("i❤.ws", "💩.la", "evil\u0300.com", "evil.❤", "a-.example"):
        assert mail_texts.one_line(f"See {host} now") == f"See {host.replace('.', '[.]')} now"
    assert mail_texts.one_line("Wait... the end. Yes.") == "Wait... the end. Yes."


def moderation_token(app, box, post):
    """The token that a moderator gets about a new comment."""
    wanting(app, "moderator")
    commenting.leave(app.test_client(), post)
    work(app)
    return LINK.findall(box.texts("wait")[-1])[0][0]


@pytest.mark.threat("B3")
def test_a_link_in_a_mail_asks_before_it_acts_and_acts_once(app, client, post, box, admin):
    token = moderation_token(app, box, post)
    url = f"/api/v1/auth/comment-links/{token}"

    for method in ("GET", "HEAD", "OPTIONS"):
        page = client.open(f"{url}/approve", method=method)
        assert page.status_code == 200
    page = client.get(f"{url}/approve")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert commenting.thread(client, post)["meta"]["total"] == 0
    for wrong in (f"{url}/reject", f"{url[:-1]}/approve", url, f"{url}/approve/"):
        assert client.post(wrong).status_code == 404
    # As a browser sends a form from a page that says nothing of where it was.
    form = {"content_type": "application/x-www-form-urlencoded", "headers": {"Origin": "null"}}
    assert client.post(f"{url}/approve", **form).status_code == 200

    assert commenting.thread(client, post)["meta"]["total"] == 1
    assert_problem(client.post(f"{url}/spam"), 404, "link_over")
    assert_problem(client.get(f"{url}/approve"), 404, "link_over")
    with app.app_context():
        link = db.session.scalar(select(MailLink))
    log = admin.get("/api/v1/manage/audit-log?action=comment.moderated").json["data"]
    assert [(one["actor"]["id"], one["via"]) for one in log] == [(link.user_id, f"mail:{link.id}")]


# What happens to a moderator, a link or a comment, and the refusal then.
DEATHS = {
    "expired": (404, "link_over"),
    "suspended": (404, "link_over"),
    "deleted": (404, "link_over"),
    "role": (404, "link_over"),
    "edited": (412, "stale_version"),
    "decided": (412, "stale_version"),
    "of a password": (404, "link_over"),
}


@pytest.mark.threat("B3")
@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.thorough
def test_a_link_that_has_no_right_any_more_changes_nothing(app, client, post, box, admin, death):
    token = moderation_token(app, box, post)
    with app.app_context():
        link = db.session.scalar(select(MailLink))
    user = f"/api/v1/manage/users/{link.user_id}"
    if death == "expired":
        change(app, MailLink, expires_at=clock_before(app))
    elif death == "edited":
        change(app, Comment, version=Comment.version + 1, source="Other words")
    elif death == "decided":
        commenting.moderate(admin, link.comment_id, status="spam")
    elif death == "deleted":
        assert admin.delete(user, headers=ANY).status_code == 204
    elif death == "of a password":
        join(app)
        ask(client)
        work(app)
        token = reset_token(box)
    else:
        changes = {"suspended": True} if death == "suspended" else {"role": "viewer"}
        assert admin.patch(user, json=changes, headers=ANY).status_code == 200

    for verb in ("approve", "trash"):
        assert_problem(client.post(f"/api/v1/auth/comment-links/{token}/{verb}"), *DEATHS[death])
    assert commenting.thread(client, post)["meta"]["total"] == 0


def test_what_was_not_taken_is_sent_again_the_same_and_the_failure_is_kept(
    app, client, post, box, monkeypatch
):
    _, email = wanting(app, "moderator")
    commenting.leave(client, post)
    # It arrives, and the sender hears otherwise.
    box.after = "451 Try again"
    work(app)
    box.answers = lambda _address: "450 Busy"
    for _ in range(2):
        change(app, Mail, due_at=clock_before(app))
        work(app)
    with app.app_context():
        waits = db.session.scalar(select(Mail))
    assert (waits.failure, waits.attempts, waits.sent_at) == ("SMTP 450", 3, None)
    # A server that hides that it could be safe gets nothing.
    box.answers, box.after = lambda _address: "250 OK", "250 OK"
    strict = replace(app.config["CMS"], smtp_url=box.url + "?starttls=on")
    monkeypatch.setitem(app.config, "CMS", strict)
    change(app, Mail, due_at=clock_before(app))
    work(app)
    assert len(box.arrived) == 1
    monkeypatch.setitem(app.config, "CMS", replace(strict, smtp_url=box.url))
    change(app, Mail, due_at=clock_before(app))
    work(app)

    first, second = box.arrived
    assert first["Message-ID"] == second["Message-ID"]
    assert LINK.findall(text_of(first)) == LINK.findall(text_of(second))
    assert box.recipients == [[email]] * 2
    with app.app_context():
        sent = db.session.scalar(select(Mail))
    assert (sent.failure, sent.due_at) == (None, None)
    assert sent.sent_at


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.thorough
def test_a_mail_is_given_up_when_refused_for_good_or_too_often(app, client, box, endless):
    join(app)
    wanting(app, "moderator")
    commenting.leave(client, building.published_post(building.signed_in(app, "editor")))
    box.answers = lambda _address: "450 Busy" if endless else "550 No such box"
    for _ in range(len(mails.WAITS) + 1 if endless else 1):
        change_waiting(app)
        work(app)

    with app.app_context():
        mail = db.session.scalar(select(Mail))
    assert (mail.due_at, mail.sent_at) == (None, None)
    assert mail.failure == ("SMTP 450" if endless else "SMTP 550")


def change_waiting(app):
    past = clock_before(app)
    with app.app_context(), transaction():
        db.session.execute(update(Mail).where(Mail.due_at.is_not(None)).values(due_at=past))


@pytest.mark.thorough
def test_many_comments_make_few_mails_and_none_is_left_out(app, client, post, box, unlimited):
    wanting(app, "moderator"), wanting(app, "editor", CommentMail.DAILY)
    commenting.leave(client, post)
    work(app)
    for _ in range(25):
        commenting.leave(client, post)
    work(app)
    assert len(box.arrived) == 2
    with app.app_context():
        gaps = sorted(
            waits.due_at - waits.created_at
            for waits in db.session.scalars(select(Mail).where(Mail.gathers.is_not(None)))
        )
    assert len(gaps) == 2
    assert gaps[0] <= timedelta(minutes=5) < gaps[1] <= timedelta(days=1)
    change_waiting(app)
    work(app)

    assert [one["Subject"] for one in box.arrived[2:]] == ["[Medical Massage] 25 comments wait"] * 2
    assert all("5 more are in the queue" in text for text in box.texts("25"))


def test_many_workers_send_each_mail_once(app, box):
    with app.app_context():
        people = [building.person("editor") for _ in range(12)]
        with transaction():
            for user_id in people:
                mails.queue(MailKind.PASSWORD_RESET, user_id, clock.now())

    threads = [threading.Thread(target=work, args=[app]) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    work(app)

    assert len(box.arrived) == len({one["Message-ID"] for one in box.arrived}) == 12
    assert len({tuple(one) for one in box.recipients}) == 12


def test_a_worker_that_died_is_followed_by_another(app, client, box):
    join(app)
    ask(client)
    with app.app_context(), suppress(RuntimeError):
        with transaction():
            taken = mails.take(clock.now())
        work(app)
    assert box.arrived == []
    change_waiting(app)
    work(app)
    with app.app_context(), transaction():
        # It was not dead: what it says comes too late, and changes nothing.
        mails.keep(taken, "SMTP 450", for_good=False, now=clock.now())

    assert len(box.arrived) == 1
    assert box.arrived[0]["Message-ID"] == f"<{taken.mail_id}@example.org>"
    with app.app_context():
        assert db.session.scalar(select(Mail.failure)) is None


def test_what_can_not_be_made_holds_up_no_other_and_is_given_up(app, client, box):
    for email in ("ann@example.org", "mia@example.org"):
        join(app, email=email)
        ask(client, email)
    with app.app_context(), transaction():
        poisoned = db.session.scalar(select(User).where(User.email == "ann@example.org"))
        # No way in takes it; a database of before might hold it.
        poisoned.email = "=?utf-8?q?=0d=0abcc=3a?=@example.org"
    work(app)
    work(app)

    assert box.recipients == [["mia@example.org"]]
    with app.app_context():
        kept = db.session.scalar(select(Mail).where(Mail.failure.is_not(None)))
    assert (kept.due_at, kept.lease, kept.sent_at) == (None, None, None)


def test_a_domain_of_any_script_is_written_as_every_server_takes_it(app, client, box):
    join(app, email="mia@bücher.example.org")
    ask(client, "mia@bücher.example.org")
    work(app)

    assert box.recipients == [["mia@xn--bcher-kva.example.org"]]


def test_reviews_that_are_due_are_told_to_who_publishes(app, editor, box):
    _, email = wanting(app, "editor", CommentMail.NEVER, review_mail=True)
    wanting(app, "moderator", CommentMail.NEVER, review_mail=True)
    titles = ["On sleep", "On www.evil.example"]
    for title in titles:
        made = building.post(editor, title=title)
        url = f"/api/v1/manage/posts/{made['id']}/review"
        assert editor.post(url, json=building.review(editor), headers=ANY).status_code < 300
    with app.app_context(), transaction():
        assert reviews.announce_due(clock.now()) == 2

    work(app)

    assert box.recipients == [[email]]
    assert "- 2025-05-01: On sleep\n" in box.texts()[0]
    assert "www[.]evil[.]example" in box.texts()[0]


def test_everybody_says_what_they_want_to_hear(app, sign_in):
    who = sign_in("moderator")
    me = "/api/v1/auth/me"

    assert who.get(me).json["data"]["user"]["comment_mail"] == "never"
    wishes = {"comment_mail": "daily", "review_mail": True}
    answer = who.patch(me, json=wishes).json["data"]["user"]
    assert {name: answer[name] for name in wishes} == wishes
    for wrong in ({"comment_mail": "hourly"}, {"role": "admin"}, {"review_mail": "x"}):
        assert who.patch(me, json=wrong).status_code == 422
    with app.app_context():
        assert db.session.scalar(select(func.count(RateLimit.bucket))) == 0
