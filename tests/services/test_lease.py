"""Leases on the present: no question while nothing is changed, and never an old answer."""

import time

import psycopg
import pytest

from cms import create_app
from cms.database import transaction
from cms.extensions import db
from cms.reading import reader
from cms.services import generation, lease
from cms.services.pulse import PostgresqlPulse

pytestmark = pytest.mark.only_on("postgresql")
# A machine with other work may take that long for what takes a millisecond.
PATIENCE = 10


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Whoever asks borrows."""
    monkeypatch.setattr(lease, "OFTEN", 0)


@pytest.fixture
def pulse(app):
    with app.app_context():
        nobody_holds()
        yield leased(PostgresqlPulse(reader()))


def leased(pulse):
    """The pulse, once it has a lease."""
    until = time.monotonic() + PATIENCE
    while not pulse.glance().late:
        assert time.monotonic() < until
        time.sleep(0.001)
    return pulse


def changed():
    with transaction():
        generation.touch("site")


def holders():
    sql = f"SELECT pid {lease.HOLDERS}"
    return [row[0] for row in reader().connection().execute(sql, [lease.MOST]).fetchall()]


def nobody_holds():
    """Return once nobody does; who did not ask gives back by itself."""
    until = time.monotonic() + PATIENCE
    while holders():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_nobody_is_asked_under_a_lease(pulse, monkeypatch):
    monkeypatch.setattr(pulse, "read", None)
    begun = time.monotonic()
    while time.monotonic() < begun + 2 * lease.TERM:
        assert pulse.glance().late
        time.sleep(0.01)


def test_a_lease_is_over_when_its_time_is(pulse, monkeypatch):
    later = lease._now() + lease.TERM
    monkeypatch.setattr(lease, "_now", lambda: later)
    assert pulse.glance().late == 0


def test_the_time_lies_where_it_may_be(pulse):
    for _ in range(100):
        before, known, behind = pulse.read(), pulse.glance(), pulse.read()
        assert known.latest >= before.at
        assert known.at <= behind.at
        assert known.late < 1000


def test_each_commit_is_seen_by_the_next_glance_in_every_process(pulse, config):
    with create_app(config).app_context():
        other = PostgresqlPulse(reader())
    for _ in range(50):
        before = leased(pulse).glance().generation
        assert leased(other).glance().generation == before
        changed()
        assert pulse.glance().generation == other.glance().generation == before + 1


def test_what_others_change_past_us_is_seen_at_the_next_look(pulse, config):
    before = pulse.glance().generation
    with psycopg.connect(config.database_url, autocommit=True) as other:
        other.execute("UPDATE generation SET value = value + 1")
    until = time.monotonic() + PATIENCE
    while pulse.glance().generation == before:
        assert time.monotonic() < until


def test_who_does_not_ask_holds_none(pulse):
    assert len(holders()) == 1
    nobody_holds()
    assert leased(pulse)


def test_a_lost_lease_is_borrowed_anew(pulse):
    (pid,) = holders()
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    until = time.monotonic() + PATIENCE
    while pid in holders() or not pulse.glance().late:
        assert time.monotonic() < until
    assert holders() != [pid]


def test_who_stands_still_is_waited_for_until_its_lease_is_over_and_not_again(app, config):
    with app.app_context(), psycopg.connect(config.database_url, autocommit=True) as still:
        (now,) = still.execute("SELECT value FROM generation").fetchone()
        still.execute(f"SELECT pg_advisory_lock_shared({lease.CLASS}, %s)", [now])
        begun = time.monotonic()
        changed()
        waited = time.monotonic() - begun
        with pytest.raises(psycopg.OperationalError):
            still.execute("SELECT 1")
        assert holders() == []
    assert waited > lease.TERM


def test_a_change_whose_end_nobody_can_tell_waits_as_long(app, monkeypatch):
    def away():
        raise psycopg.OperationalError

    with app.app_context():
        monkeypatch.setattr(reader(), "connection", away)
        begun = time.monotonic()
        lease.outlast(reader(), 1)
    assert time.monotonic() - begun > lease.TERM
