"""Leases on the present: no question while nothing is changed, and never an old answer."""

import socket
import threading
import time
from unittest.mock import Mock

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
def pulse(app, monkeypatch):
    # No pause of this machine takes so long.
    monkeypatch.setattr(lease, "UNUSED", 6 * PATIENCE)
    with app.app_context():
        nobody_holds()
        yield (found := leased(PostgresqlPulse(reader())))
        monkeypatch.setattr(lease, "UNUSED", 0.0)
        ended(found)


def leased(pulse):
    """The pulse, once it has a lease."""
    until = time.monotonic() + PATIENCE
    while not pulse.glance().late:
        assert time.monotonic() < until
        time.sleep(0.001)
    return pulse


def ended(*pulses):
    """Return once none has a thread that keeps a lease: the next test has other constants."""
    # Whoever waits for its next look is woken.
    reader().connection().execute(f"NOTIFY {lease.CHANNEL}")
    until = time.monotonic() + 3 * PATIENCE
    while any(one._lease._thread for one in pulses):
        assert time.monotonic() < until
        time.sleep(0.001)


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


def test_nobody_is_asked_under_a_lease(monkeypatch, pulse):
    looks, read = [], lease._read
    monkeypatch.setattr(lease, "TERM", 6 * PATIENCE)
    monkeypatch.setattr(lease, "_read", lambda connection: looks.append(1) or read(connection))
    until = time.monotonic() + PATIENCE
    while len(looks) < 2:
        assert time.monotonic() < until
    with monkeypatch.context() as without:
        without.setattr(pulse, "read", Mock(wraps=pulse.read))
        known = [pulse.glance().late for _ in range(1000)]
    # While a look's own answer comes, each asks.
    assert sum(map(bool, known)) > 900


def test_a_look_is_good_from_when_it_was_sent(monkeypatch):
    times = iter([10.0, 10.4])
    monkeypatch.setattr(lease, "_now", lambda: next(times))
    connection = Mock()
    connection.execute.return_value.fetchone.return_value = (7, 1000)
    found = lease._read(connection)
    assert found[:5] == (7, 1000, 402, 10.4, 10.0 + lease.TERM)
    assert lease.PATIENCE >= 1.5 * lease.TERM


def test_time_goes_on_until_a_lease_is_over(monkeypatch):
    one, (here, there) = lease.Lease(None), socket.socketpair()
    one._held = lease.Held(7, 1000, 2, 10.0, 11.0, here.fileno())
    monkeypatch.setattr(lease, "_now", lambda: 10.5)
    assert one.present() == (7, 1500, 2)
    monkeypatch.setattr(lease, "_now", lambda: 11.0)
    assert one.present() is None
    monkeypatch.setattr(lease, "_now", lambda: 10.5)
    there.close()
    assert one.present() is None
    here.close()


def test_who_is_told_gives_back_at_once(monkeypatch, pulse):
    for name in ("TERM", "PATIENCE"):
        monkeypatch.setattr(lease, name, 2 * PATIENCE)
    monkeypatch.setattr(lease, "LOOK_EVERY", 3 * PATIENCE)
    changed()
    begun = time.monotonic()
    leased(pulse)
    changed()
    assert time.monotonic() - begun < PATIENCE


def test_who_knows_the_new_state_is_not_waited_for(app, config):
    with app.app_context(), psycopg.connect(config.database_url, autocommit=True) as other:
        (now,) = other.execute("SELECT value FROM generation").fetchone()
        other.execute(f"SELECT pg_advisory_lock_shared({lease.CLASS}, %s)", [now])
        begun = time.monotonic()
        lease.outlast(reader())
        assert time.monotonic() - begun < lease.TERM
        other.execute("SELECT 1")


def test_the_time_lies_where_it_may_be(pulse):
    for _ in range(100):
        before, known, behind = pulse.read(), leased(pulse).glance(), pulse.read()
        assert known.latest >= before.at
        assert known.at <= behind.at


def test_each_commit_is_seen_by_the_next_glance_in_every_process(pulse, config, monkeypatch):
    with create_app(config).app_context():
        other = PostgresqlPulse(reader())
    for _ in range(50):
        before = leased(pulse).glance().generation
        assert leased(other).glance().generation == before
        changed()
        assert pulse.glance().generation == other.glance().generation == before + 1
    monkeypatch.setattr(lease, "UNUSED", 0.0)
    ended(other)


def test_what_others_change_past_us_is_seen_at_the_next_look(pulse, config):
    before = pulse.glance().generation
    with psycopg.connect(config.database_url, autocommit=True) as other:
        other.execute("UPDATE generation SET value = value + 1")
    until = time.monotonic() + PATIENCE
    while pulse.glance().generation == before:
        assert time.monotonic() < until


def test_who_does_not_ask_holds_none(pulse, monkeypatch):
    assert len(holders()) == 1
    monkeypatch.setattr(lease, "UNUSED", 0.1)
    nobody_holds()
    monkeypatch.setattr(lease, "UNUSED", 6 * PATIENCE)
    assert leased(pulse)


def test_a_lost_lease_is_borrowed_anew(pulse):
    (pid,) = holders()
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    until = time.monotonic() + PATIENCE
    while pid in holders() or not pulse.glance().late:
        assert time.monotonic() < until
    assert len(holders()) == 1


@pytest.fixture
def deaf(app, monkeypatch):
    """A pulse whose lease is looked after by a thread that hears nothing."""
    goes_on = threading.Event()
    with app.app_context():
        nobody_holds()
        monkeypatch.setattr(lease.Lease, "_hears", lambda *_: goes_on.wait(6 * PATIENCE))
        monkeypatch.setattr(lease, "TERM", 6 * PATIENCE)
        yield (found := leased(PostgresqlPulse(reader())))
        monkeypatch.setattr(lease, "UNUSED", 0.0)
        goes_on.set()
        ended(found)


def test_a_lease_whose_connection_is_ended_is_none(deaf):
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({holders()[0]})")
    nobody_holds()
    assert not deaf.glance().late


def test_what_is_told_is_heard_without_the_thread(deaf):
    reader().connection().execute(f"NOTIFY {lease.CHANNEL}")
    until = time.monotonic() + PATIENCE
    while deaf.glance().late:
        assert time.monotonic() < until
    assert len(holders()) == 1


@pytest.mark.parametrize("error", [psycopg.OperationalError, psycopg.errors.InsufficientPrivilege])
def test_where_no_lease_is_to_be_had_it_is_tried_seldom(app, monkeypatch, error):
    tries = []

    def refused():
        tries.append(1)
        raise error

    with app.app_context():
        pulse = PostgresqlPulse(reader())
        monkeypatch.setattr(reader(), "connect", refused)
        begun = time.monotonic()
        while time.monotonic() < begun + lease.REST / 2:
            assert not pulse.glance().late
    assert tries == [1]


def test_where_no_thread_is_to_be_had_each_asks(app, monkeypatch):
    def refused(_):
        raise RuntimeError("can't start new thread")

    with app.app_context():
        pulse = PostgresqlPulse(reader())
        with monkeypatch.context() as without:
            without.setattr(threading.Thread, "start", refused)
            assert not any(pulse.glance().late for _ in range(3))
        assert leased(pulse)
        monkeypatch.setattr(lease, "UNUSED", 0.0)
        ended(pulse)


def test_a_connection_that_died_of_old_age_costs_no_wait(app):
    with app.app_context():
        (pid,) = reader().connection().execute("SELECT pg_backend_pid()").fetchone()
        with db.engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
        begun = time.monotonic()
        changed()
    assert time.monotonic() - begun < lease.TERM


def test_what_changes_nothing_waits_for_leases_too(app, config):
    """It may have found done what one has done that ended before it waited."""
    with app.app_context(), psycopg.connect(config.database_url, autocommit=True) as still:
        (now,) = still.execute("UPDATE generation SET value = value + 1 RETURNING value").fetchone()
        still.execute(f"SELECT pg_advisory_lock_shared({lease.CLASS}, %s)", [now - 1])
        begun = time.monotonic()
        with transaction():
            pass
    assert time.monotonic() - begun > lease.TERM


def test_who_stands_still_is_waited_for_until_its_lease_is_over_and_not_again(app, config):
    with app.app_context(), psycopg.connect(config.database_url, autocommit=True) as still:
        (now,) = still.execute("SELECT value FROM generation").fetchone()
        still.execute(f"SELECT pg_advisory_lock_shared({lease.CLASS}, %s)", [now])
        begun = time.monotonic()
        changed()
        waited = time.monotonic() - begun
        with pytest.raises(psycopg.OperationalError):
            still.execute("SELECT 1")
        nobody_holds()
    assert waited > lease.TERM


def test_a_change_whose_end_nobody_can_tell_waits_as_long(app, monkeypatch):
    def away():
        raise psycopg.OperationalError

    with app.app_context():
        monkeypatch.setattr(reader(), "connection", away)
        begun = time.monotonic()
        lease.outlast(reader())
    assert time.monotonic() - begun > lease.TERM


def test_who_looks_after_a_site_sees_whether_there_is_one(pulse, monkeypatch):
    assert pulse.is_leased

    monkeypatch.setattr(lease, "UNUSED", 0.0)
    ended(pulse)

    assert not pulse.is_leased
