"""Counting attempts, in one table for all processes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from cms.api.throttling import throttle
from cms.config import Config
from cms.database import transaction
from cms.errors import TooMany
from cms.extensions import db
from cms.models import RateLimit
from cms.services import clock, limits

pytestmark = pytest.mark.threat("A13")

RULE, WIDER = "sign_in.address", "sign_in.account_everywhere"
MOST, WINDOW = limits.RULES[RULE]


@pytest.fixture
def later(monkeypatch):
    """Move the clock; negative is back."""
    real = clock.now

    def later(**span):
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**span))

    return later


@pytest.fixture
def context(app):
    with app.app_context():
        yield app


def wait(subject="somebody", rule=RULE):
    with transaction():
        return limits.hit(limits.of(rule, subject))


def rows():
    return db.session.query(RateLimit).all()


@pytest.mark.usefixtures("context")
class TestAWindow:
    def test_takes_as_many_as_the_rule_says(self):
        waits = [wait() for _ in range(MOST + 2)]

        assert waits[:MOST] == [0] * MOST
        assert all(0 < seconds <= WINDOW.total_seconds() for seconds in waits[MOST:])

    def test_is_not_prolonged_by_going_on(self, later):
        for _ in range(MOST):
            wait()
        later(seconds=50)

        assert 0 < wait() <= 10

    def test_ends(self, later):
        for _ in range(MOST + 1):
            wait()
        later(seconds=61)

        assert [wait() for _ in range(MOST)] == [0] * MOST

    def test_belongs_to_one_subject_and_one_rule(self):
        for _ in range(MOST + 1):
            wait()

        assert wait("somebody else") == 0
        assert wait(rule=WIDER) == 0

    def test_locks_nobody_out_when_the_clock_goes_back(self, later):
        later(hours=5)
        for _ in range(MOST + 1):
            wait()
        later(seconds=0)

        assert [wait() for _ in range(MOST)] == [0] * MOST
        assert 0 < wait() <= WINDOW.total_seconds()

    def test_counts_an_attempt_that_was_overtaken(self, later):
        later(seconds=1)
        for _ in range(MOST):
            wait()
        later(seconds=0)

        assert wait() > 0

    def test_names_no_subject_in_the_table(self):
        wait("192.0.2.1")

        assert len(rows()[0].bucket) == 64
        assert "192.0.2.1" not in str(vars(rows()[0]))

    def test_that_is_new_sweeps_old_ones(self, later):
        for number in range(5):
            wait(f"somebody {number}")
        later(hours=1)

        wait()

        assert len(rows()) == 1


@pytest.mark.usefixtures("context")
class TestThrottling:
    def test_raises_past_the_limit_and_stays_full(self):
        for _ in range(MOST):
            throttle(limits.of(RULE, "somebody"))
        for _ in range(3):
            with pytest.raises(TooMany) as refused:
                throttle(limits.of(RULE, "somebody"))

        assert 0 < refused.value.retry_after <= WINDOW.total_seconds()

    def test_on_several_rules_keeps_what_each_counted(self):
        attempts = [limits.of(WIDER, "a"), limits.of(RULE, "b")]
        for _ in range(MOST):
            throttle(*attempts)

        with pytest.raises(TooMany):
            throttle(*attempts)

        assert sorted(row.hits for row in rows()) == [MOST + 1, MOST + 1]

    def test_counts_in_no_wider_limit_what_a_narrower_refuses(self):
        for _ in range(MOST + 5):
            with suppress(TooMany):
                throttle(limits.of(RULE, "a"), limits.of(WIDER, "b"))

        assert sorted(row.hits for row in rows()) == [MOST, MOST + 1]

    def test_writes_nothing_for_who_goes_on(self, count_queries):
        with suppress(TooMany):
            for _ in range(MOST + 1):
                throttle(limits.of(RULE, "a"))

        with count_queries() as statements, pytest.raises(TooMany):
            throttle(limits.of(RULE, "a"))

        assert statements == []

    def test_is_free_where_limits_are_off(self, context, monkeypatch):
        monkeypatch.setitem(context.config, "CMS", Config(rate_limits=False, secret="x"))

        assert [wait() for _ in range(MOST * 3)] == [0] * MOST * 3
        assert rows() == []


def test_a_parallel_burst_is_counted_exactly(app):
    def attempt(_number):
        with app.app_context():
            return wait() == 0

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(attempt, range(40)))

    assert allowed.count(True) == MOST


def test_parallel_sweeps_and_counts_do_not_block_each_other(app, later):
    def attempt(number):
        with app.app_context():
            throttle(limits.of(RULE, f"a{number % 7}"), limits.of(WIDER, f"p{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(40)))
        later(hours=2)
        list(pool.map(attempt, range(40)))

    with app.app_context():
        assert {row.resets_at > clock.now() for row in rows()} == {True}


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("garbage", "garbage"),
    ],
)
def test_an_address_counts_with_its_network(address, subject):
    assert limits.subject_of_address(address) == subject
