"""A clock that was set back leaves nothing waiting for a time that is too far."""

from datetime import timedelta

from cms.database import transaction
from cms.extensions import db
from cms.models import Delivery, OutboxEvent, Webhook
from cms.models.webhook import WAITS
from cms.services import clock, deliveries, outbox, set_back
from tests import building
from tests.building import webhook

AHEAD = timedelta(days=3650)


def held(app, admin, **times):
    """A webhook with one delivery, both with the times that are given from now."""
    made = webhook(admin, url=building.OUTSIDE, events=["post.published"])
    with app.app_context(), transaction():
        now = clock.now()
        one = db.session.get_one(Webhook, made["id"])
        one.leased_until, one.rests_until = now + times["leased"], now + times["rests"]
        event = OutboxEvent(type="post.published", payload={}, created_at=now, fanned_out_at=now)
        db.session.add(event)
        db.session.flush()
        due = {"created_at": now, "due_at": now + times["due"]}
        db.session.add(Delivery(event_id=event.id, webhook_id=one.id, **due))
    return made


def mended(app):
    with app.app_context(), transaction():
        return set_back.mend(clock.now())


def test_what_lies_too_far_ahead_is_over(app, admin):
    held(app, admin, leased=AHEAD, rests=AHEAD, due=AHEAD)

    assert mended(app) == 3

    with app.app_context():
        assert deliveries.waiting()[1] == 1


def test_what_may_wait_goes_on_waiting(app, admin):
    held(app, admin, leased=deliveries.LEASE, rests=timedelta(minutes=59), due=WAITS[-1])

    assert mended(app) == 0


def test_a_webhook_of_the_future_is_told_of_what_happens_now(app, admin):
    made = webhook(admin, url=building.OUTSIDE, events=["post.published"])
    with app.app_context(), transaction():
        db.session.get_one(Webhook, made["id"]).created_at = clock.now() + AHEAD
        outbox.record("post.published", clock.now(), id=building.NOWHERE)

    with app.app_context(), transaction():
        outbox.fan_out(clock.now())
        assert db.session.query(Delivery).count() == 1
