"""Events reach their receivers: signed, at least once, whatever dies or does not answer."""

import json
import signal
import subprocess
import threading
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from cms.database import transaction
from cms.extensions import db
from cms.models import Delivery, Webhook
from cms.models.webhook import MOST_ATTEMPTS, WAITS
from cms.services import clock, delivery_outcomes, outbound, outbox
from cms.services.deliveries import give_up
from cms.worker import Worker
from tests import building
from tests.building import ANY, webhook
from tests.cli.processes import CMS, SECONDS, read_until
from tests.receivers import not_accepting, receiving, resetting, silent, speaking

URL = "/api/v1/manage/webhooks"
GONE_BY = timedelta(days=1)


@pytest.fixture(autouse=True)
def allowed(app, monkeypatch):
    config = replace(app.config["CMS"], outbound_allow=("127.0.0.0/8",))
    monkeypatch.setitem(app.config, "CMS", config)
    return config


@pytest.fixture
def receiver():
    with receiving() as one:
        yield one


def happened(app, *types, times=1):
    with app.app_context(), transaction():
        for event_type in types * times:
            outbox.record(event_type, clock.now(), id=building.NOWHERE)


def make_due(app):
    """As if the time of every lease, rest and wait were over."""
    with app.app_context(), transaction():
        past = clock.now() - GONE_BY
        db.session.execute(update(Webhook).values(leased_until=past, rests_until=past))
        waits = Delivery.due_at.is_not(None)
        db.session.execute(update(Delivery).where(waits).values(due_at=past))


def deliveries(admin, made):
    return admin.get(f"{URL}/{made['id']}/deliveries?limit=100").json["data"]


@pytest.mark.threat("B17")
def test_what_was_published_arrives_signed(app, admin, receiver):
    made = webhook(admin, url=receiver.url, events=["post.published", "faq.*"])
    post = building.published_post(admin)
    faq = building.faq(admin)

    Worker(app).run_once()

    headers, body = receiver.arrived[0]
    message = Verifier(made["secret"]).verify(body, headers)
    types = [json.loads(sent)["type"] for _, sent in receiver.arrived]
    assert types == ["post.published", "faq.created"]
    assert message["data"] == {"id": post["id"], "slug": post["slug"], "locale": "en"}
    assert json.loads(receiver.arrived[1][1])["data"]["id"] == faq["id"]
    for broken in (
        {"webhook-id": "x"},
        {"webhook-timestamp": "1"},
        {"webhook-signature": "v1,eHg="},
    ):
        with pytest.raises(WebhookVerificationError):
            Verifier(made["secret"]).verify(body, headers | broken)
    with pytest.raises(WebhookVerificationError):
        Verifier(made["secret"]).verify(body.replace(b"published", b"publisheD"), headers)


@pytest.mark.threat("B17")
def test_another_secret_is_good_beside_the_old_one_for_a_time(app, admin, receiver):
    old = webhook(admin, url=receiver.url)["secret"]
    url = f"{URL}/{admin.get(URL).json['data'][0]['id']}"
    new = admin.post(f"{url}/secret", json={"keep_old_for": 600}).json["data"]["secret"]
    admin.post(f"{url}/ping")
    Worker(app).run_once()
    newest = admin.post(f"{url}/secret", json={"keep_old_for": 0}).json["data"]["secret"]
    admin.post(f"{url}/ping")
    Worker(app).run_once()

    (first, body), (second, later) = receiver.arrived

    for secret in (old, new):
        assert Verifier(secret).verify(body, first)["type"] == "webhook.ping"
    assert Verifier(newest).verify(later, second)
    for secret in (old, new):
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(later, second)


# What a receiver answers: the delivery's state, whether the webhook stays on, the least wait.
OUTCOMES = [
    (200, {}, "received", True, 0),
    (204, {}, "received", True, 0),
    (302, {"Location": "http://127.0.0.1:9/"}, "waiting", True, 5),
    (404, {}, "waiting", True, 5),
    (410, {}, "failed", False, 0),
    (429, {"Retry-After": "7200"}, "waiting", True, 7200),
    (500, {}, "waiting", True, 5),
    (503, {"Retry-After": "99999999"}, "waiting", True, 86400),
    (503, {"Retry-After": "Fri, 31 Dec 2999 23:59:59 GMT"}, "waiting", True, 86400),
]


def test_what_an_answer_means(app, admin):
    with ExitStack() as held:
        receivers = [held.enter_context(receiving()) for _ in OUTCOMES]
        made = []
        for one, (status, headers, *_) in zip(receivers, OUTCOMES, strict=True):
            one.answers = lambda _, status=status, headers=headers: (status, headers)
            made.append(webhook(admin, url=one.url))
        happened(app, "post.published")
        Worker(app).run_once()

    for hook, (status, headers, state, stays, least) in zip(made, OUTCOMES, strict=True):
        [found] = deliveries(admin, hook)
        [attempt] = found["attempts"]
        assert (found["status"], attempt["status_code"]) == (state, status), (status, headers)
        assert attempt["excerpt"] == ("" if status == 204 else "Thank you.")
        assert admin.get(f"{URL}/{hook['id']}").json["data"]["active"] is stays
        if found["due_at"]:
            waits = seconds_between(attempt["at"], found["due_at"])
            assert least <= waits <= least * (1 + delivery_outcomes.JITTER) + 1


def seconds_between(first, second):

    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()


@pytest.mark.threat("B17")
def test_ten_attempts_in_three_days_have_one_id_and_each_its_own_time(app, admin, receiver):
    receiver.answers = lambda _number: (500, {})
    made = webhook(admin, url=receiver.url)
    happened(app, "post.published")
    for _ in range(MOST_ATTEMPTS + 2):
        Worker(app).run_once()
        make_due(app)
    failed = deliveries(admin, made)

    receiver.answers = lambda _number: (200, {})
    again = admin.post(f"{URL}/{made['id']}/deliveries/{failed[0]['id']}/redeliver")
    Worker(app).run_once()

    assert timedelta(days=2.5) < sum(WAITS, timedelta()) < timedelta(days=3.5)
    assert (failed[0]["status"], len(failed[0]["attempts"])) == ("failed", MOST_ATTEMPTS)
    assert (again.status_code, deliveries(admin, made)[0]["status"]) == (202, "received")
    assert len(receiver.arrived) == MOST_ATTEMPTS + 1
    assert {headers["webhook-id"] for headers, _ in receiver.arrived} == {failed[0]["event_id"]}
    for headers, body in receiver.arrived:
        assert Verifier(made["secret"]).verify(body, headers)


def test_receivers_that_do_not_answer_delay_no_other(app, admin, receiver):
    free = threading.Event()
    worker = Worker(app)
    with ExitStack() as held:
        for _ in range(5):
            silent = held.enter_context(speaking(lambda _: free.wait(SECONDS)))
            webhook(admin, url=silent)
        webhook(admin, url=receiver.url)
        happened(app, "post.published", times=20)
        working = threading.Thread(target=worker.run)
        working.start()

        receiver.wait_for(20)

        with app.app_context():
            tried = db.session.scalars(select(Delivery.attempts)).all()
        worker.end()
        free.set()
        working.join()
    assert sum(tried) <= 20


def test_one_that_does_not_answer_is_left_alone_for_longer_and_longer(app, admin):
    with speaking(lambda _: None) as dead:
        made = webhook(admin, url=dead)
        happened(app, "post.published", times=30)
        rests = []
        for _ in range(3):
            Worker(app).run_once()
            found = admin.get(f"{URL}/{made['id']}").json["data"]["rests_until"]
            tried = [one for one in deliveries(admin, made) if one["attempts"]]
            rests.append(seconds_between(tried[-1]["attempts"][-1]["at"], found))
            with app.app_context(), transaction():
                past = clock.now() - GONE_BY
                db.session.execute(update(Webhook).values(rests_until=past))

    assert len(tried) == 3
    assert tried[0]["attempts"][0]["status_code"] is None
    assert "connection" in tried[0]["attempts"][0]["failure"]


def test_a_receiver_that_is_cut_off_or_resets_is_a_failed_attempt(app, admin, monkeypatch):
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 1)
    with ExitStack() as held:
        plain = held.enter_context(speaking(silent))
        urls = [plain, plain.replace("http:", "https:"), held.enter_context(not_accepting())]
        urls += 5 * [held.enter_context(speaking(resetting))]
        made = [webhook(admin, url=url) for url in urls]
        happened(app, "post.published")
        Worker(app).run_once()

    attempts = [deliveries(admin, one)[0]["attempts"] for one in made]
    failures = [one["failure"] for (one,) in attempts]
    assert failures[:3] == 3 * ["It took too long."]
    assert all("The connection was" in one for one in failures[3:])


@pytest.mark.thorough
def test_many_workers_send_each_event_once(app, admin, receiver):
    webhook(admin, url=receiver.url)
    webhook(admin, url=receiver.url)
    happened(app, "post.published", times=40)

    workers = [threading.Thread(target=Worker(app).run_once) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    Worker(app).run_once()

    ids = Counter(headers["webhook-id"] for headers, _ in receiver.arrived)
    assert (len(ids), set(ids.values())) == (40, {2})


@pytest.mark.parametrize("point", ["before it sends", "before it keeps the answer"])
@pytest.mark.thorough
def test_what_a_worker_had_when_it_was_killed_is_sent_again(app, admin, allowed, point):
    processes = []

    def kill(*_):
        processes[0].send_signal(signal.SIGKILL)
        return 200, {}

    with ExitStack() as held:
        held.enter_context(process_of(allowed, processes))
        good = held.enter_context(receiving())
        if point == "before it keeps the answer":
            good.answers = lambda number: kill() if number == 1 else (200, {})
            url = good.url
        else:
            url = held.enter_context(speaking(kill))
        made = webhook(admin, url=url)
        happened(app, "post.published")
        assert processes[0].wait(SECONDS) == -signal.SIGKILL
        interrupted = deliveries(admin, made)

        admin.patch(f"{URL}/{made['id']}", json={"url": good.url}, headers=ANY)
        make_due(app)
        Worker(app).run_once()

    assert [(one["status"], one["attempts"]) for one in interrupted] == [("waiting", [])]
    assert deliveries(admin, made)[0]["status"] == "received"
    assert {headers["webhook-id"] for headers, _ in good.arrived} == {interrupted[0]["event_id"]}


def process_of(config, processes):
    """`cms worker` over the same database, as a process of its own."""
    env = {
        "CMS_DATA_DIR": str(config.data_dir),
        "CMS_DATABASE_URL": config.database_url,
        "CMS_SECRET": config.secret,
        "CMS_OUTBOUND_ALLOW": "127.0.0.0/8",
    }
    process = subprocess.Popen(
        [*CMS, "worker"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    processes.append(process)
    stack = ExitStack()
    stack.callback(process.stdout.close)
    stack.callback(process.wait)
    stack.callback(process.kill)
    read_until(process, "Working.")
    return stack


def test_nothing_leaves_that_was_not_kept(app, admin, receiver):
    webhook(admin, url=receiver.url)
    with app.app_context(), suppress(ZeroDivisionError), transaction():
        outbox.record("post.published", clock.now(), id=building.NOWHERE)
        db.session.flush()
        _ = 1 / 0
    happened(app, "user.created", "preview.made", "settings.saved")

    Worker(app).run_once()

    assert receiver.arrived == []


def test_what_waits_too_long_is_given_up_and_what_is_old_forgotten(app, admin):
    made = webhook(admin)
    happened(app, "post.published", "user.created")
    with app.app_context():
        with transaction():
            assert outbox.fan_out(clock.now()) == 2
        now = clock.now()
        later = now + timedelta(days=6)
        with transaction():
            assert (give_up(now), give_up(later)) == (0, 1)
            assert (outbox.sweep(now), outbox.sweep(now + timedelta(days=31))) == (0, 2)

    assert deliveries(admin, made) == []


@pytest.mark.only_on("postgresql")
def test_no_receiver_goes_while_its_deliveries_are_made(app, admin):
    building.webhook(admin)
    building.published_post(admin)
    with app.app_context(), transaction():
        outbox.fan_out(clock.now())
        removal = text("SELECT 1 FROM webhooks FOR UPDATE NOWAIT")
        with db.engine.connect() as other, pytest.raises(OperationalError):
            other.execute(removal)


def test_a_review_that_is_due_is_announced_once(app, admin, receiver):
    webhook(admin, url=receiver.url, events=["review.due"])
    post, trashed = building.post(admin), building.post(admin)
    url = "/api/v1/manage/posts/{}/review"
    for one in (post, trashed):
        admin.post(url.format(one["id"]), json=building.review(admin), headers=ANY)
    admin.delete(f"/api/v1/manage/posts/{trashed['id']}", headers=ANY)
    Worker(app).run_once()
    Worker(app).run_once()
    again = building.review(admin, due_on="2025-06-01")
    admin.post(url.format(post["id"]), json=again, headers=ANY)
    never = building.review(admin, due_on=None)
    admin.post(url.format(building.post(admin)["id"]), json=never, headers=ANY)

    Worker(app).run_once()

    data = [json.loads(body)["data"] for _, body in receiver.arrived]
    assert [one["due_on"] for one in data] == ["2025-05-01", "2025-06-01"]
    assert {one["id"] for one in data} == {post["id"]}
