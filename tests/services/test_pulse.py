"""The generation at a glance: no statement while nothing is committed, and never an old one."""

import sqlite3

import pytest

from cms.database import transaction
from cms.extensions import db
from cms.reading import reader
from cms.services import generation, wal_index
from cms.services.pulse import pulse_of

pytestmark = pytest.mark.only_on("sqlite")


@pytest.fixture
def pulse(app):
    with app.app_context():
        found = pulse_of(reader())
        found.glance()
        found.glance()
        yield found


@pytest.fixture
def asked(pulse, monkeypatch):
    """How often the database was asked."""
    times, read = [], pulse.read
    monkeypatch.setattr(pulse, "read", lambda: times.append(1) or read())
    return times


def changed():
    with transaction():
        generation.touch("site")


def test_nobody_is_asked_while_nothing_is_committed(pulse, asked):
    assert [pulse.glance().generation for _ in range(3)] == [pulse.read().generation] * 3
    assert len(asked) == 1


def test_each_commit_is_seen_by_the_next_glance(pulse):
    for _ in range(50):
        before = pulse.glance().generation
        changed()
        assert pulse.glance().generation == before + 1


def test_the_log_may_begin_anew(pulse):
    for _ in range(3):
        changed()
        before = pulse.glance().generation
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        changed()
        assert pulse.glance().generation == before + 1


def test_what_is_half_done_is_no_news(pulse, config):
    before = pulse.glance().generation
    other = sqlite3.connect(config.data_dir / "site.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE generation SET value = value + 1")
    assert pulse.glance().generation == before
    other.execute("COMMIT")
    assert pulse.glance().generation == before + 1
    other.close()


def test_without_an_index_the_database_is_asked(pulse, monkeypatch):
    def refused(*_):
        raise OSError

    monkeypatch.setattr(wal_index.WalIndex, "__init__", refused)
    fresh = type(pulse)(reader())
    before = fresh.glance().generation
    changed()
    assert fresh.glance().generation == before + 1
