"""The worker does what is due, step by step; one that fails stops no other."""

from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from cms.database import transaction
from cms.extensions import db
from cms.models import IdempotencyKey, PreviewLink, RateLimit, Session
from cms.services import clock, search_pieces
from cms.services.batches import BATCH
from cms.worker import STEPS, Step, Worker
from tests import building

AGO = timedelta(days=400)
HOUR = timedelta(hours=1)


def swept_rows(now: datetime, user_id: str) -> dict[type, list]:
    """Of each kind more than a batch that is over, and one that is not."""
    many = range(BATCH + 5)
    times = [(f"{number:064}", now - AGO) for number in many] + [("f" * 64, now + HOUR)]
    return {
        RateLimit: [RateLimit(bucket=key, hits=1, resets_at=at) for key, at in times],
        IdempotencyKey: [
            IdempotencyKey(key=key, request="", comment_id=None, created_at=at) for key, at in times
        ],
        Session: [
            Session(user_id=user_id, digest=key, created_at=now, expires_at=at) for key, at in times
        ],
        PreviewLink: [
            PreviewLink(post_id=None, digest=key, created_at=now, created_by=None, expires_at=at)
            for key, at in times
        ],
    }


def test_it_sweeps_all_that_is_over_and_nothing_else(app):
    with app.app_context():
        user_id = building.person("editor")
        with transaction():
            rows = swept_rows(clock.now(), user_id)
            db.session.add_all(row for kind in rows.values() for row in kind)

    Worker(app).run_once()

    with app.app_context():
        left = {kind: db.session.scalar(select(func.count()).select_from(kind)) for kind in rows}
    assert left == dict.fromkeys(rows, 1)


def test_a_step_that_fails_is_undone_and_logged_and_stops_no_other(app, caplog):
    def fail(now: datetime) -> int:
        db.session.add(RateLimit(bucket="kept", hits=1, resets_at=now))
        db.session.flush()
        raise RuntimeError("broken")

    answers = iter([BATCH, BATCH, BATCH - 1, BATCH])
    seen = []

    def count(now: datetime) -> int:
        seen.append(now)
        return next(answers)

    Worker(app, [Step("bad", HOUR, fail), Step("good", HOUR, count)]).run_once()

    with app.app_context():
        assert db.session.get(RateLimit, "kept") is None
    assert (len(seen), "The step 'bad' failed." in caplog.text) == (3, True)


def test_a_step_with_much_to_do_holds_up_no_other(app):
    answers, seen = iter([BATCH, BATCH, 0]), []

    def much(_now: datetime) -> int:
        seen.append("much")
        return next(answers)

    steps = [Step("much", HOUR, much), Step("little", HOUR, lambda _: seen.append("little") or 0)]
    Worker(app, steps).run_once()

    assert seen == ["much", "little", "much", "much"]


def test_what_was_done_is_not_due_before_its_time(app):
    calls = []
    worker = Worker(
        app,
        [
            Step("often", timedelta(0), lambda _: calls.append("often") or 0),
            Step("seldom", HOUR, lambda _: calls.append("seldom") or 0),
        ],
    )

    worker.run_due()
    worker.run_due()

    assert calls == ["often", "seldom", "often"]


def test_it_ends_between_two_batches(app):
    worker = Worker(app, [Step("endless", HOUR, lambda _: worker.end() or BATCH)])

    worker.run()


def test_every_step_has_a_name_of_its_own():
    assert len({step.name for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_with_nothing_to_do_says_so(app, step):
    with app.app_context():
        with transaction():
            # Tests before this one have left pieces of an index that is empty.
            while search_pieces.join():
                pass
        with transaction() if step.in_transaction else nullcontext():
            assert step.run(clock.now()) == 0
