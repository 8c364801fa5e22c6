"""Public reads by plain statements of the driver."""

import gc

import psycopg
import pytest
from sqlalchemy import text

from cms import postgresql_reads, reading, sqlite_reads
from cms.errors import Unavailable
from cms.reading import reader

ENDLESS = text(
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
)
KINDS = """SELECT 1, CAST(2 AS bigint), 'three%%', TRUE, NULL, 0.5::float8, 1.25::numeric,
    '{"four": [4]}'::jsonb, '2026-11-28T10:00:00.125Z'::timestamptz, ARRAY['a', 'b'],
    CAST(%(number)s AS integer), CAST(%(word)s AS text), CAST(%(nothing)s AS text)"""
GIVEN = {"word": "wört '%s' \\", "number": 7, "nothing": None, "unused": 1}


@pytest.fixture
def connection(app):
    with app.app_context():
        connection = reader().connect()
        yield connection
        connection.close()


@pytest.mark.only_on("sqlite")
def test_a_read_that_takes_too_long_ends(app, monkeypatch):
    monkeypatch.setattr(sqlite_reads, "READ_SECONDS", 0.05)
    monkeypatch.setattr(sqlite_reads, "ASKED_EVERY", 1000)
    with app.app_context():
        asked = reading.Reader(app.config["SQLALCHEMY_DATABASE_URI"])
        with pytest.raises(Unavailable):
            asked.rows(ENDLESS, {})
        # And who reads after it is answered.
        assert asked.rows(text("SELECT 1"), {}) == [(1,)]
        asked.close()


def test_a_statement_is_written_once_and_for_as_long_as_it_is_kept(app):
    """Strangers choose statements: what nobody keeps must not be kept here."""
    with app.app_context():
        known, one = reader(), text("SELECT 1")
        before = len(known._written)
        known.rows(one, {})
        written = known.compiled(one)
        known.rows(one, {})

        assert known._written[one] is written
        assert len(known._written) == before + 1
        del one
        gc.collect()
        assert len(known._written) == before


@pytest.mark.only_on("postgresql")
class TestPreparedReads:
    def test_tell_what_the_driver_tells(self, connection):
        rows = connection.execute(KINDS, GIVEN).fetchall()

        assert connection.fetch(KINDS, GIVEN) == connection.fetch(KINDS, GIVEN) == rows

    def test_take_other_values_the_next_time(self, connection):
        sql = "SELECT CAST(%(word)s AS text)"

        assert connection.fetch(sql, {"word": "one"}) == [("one",)]
        assert connection.fetch(sql, {"word": "two"}) == [("two",)]

    def test_raise_what_the_driver_raises(self, connection):
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.fetch("SELECT 1 / CAST(%(number)s AS integer)", {"number": 0})
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.fetch("SELECT * FROM nowhere", {})
        # And go on, with what is prepared.
        sql = "SELECT 1 / CAST(%(number)s AS integer)"
        assert connection.fetch(sql, {"number": 1}) == [(1,)]
        mine = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'read%'"
        assert connection.execute(mine).fetchone() == (1,)

    def test_take_no_text_with_a_nul_for_a_shorter_one(self, connection):
        with pytest.raises(psycopg.DataError):
            connection.fetch("SELECT CAST(%(word)s AS text)", {"word": "one\0two"})

    def test_are_prepared_once(self, connection):
        for _ in range(3):
            connection.fetch("SELECT CAST(%(word)s AS text)", {"word": "one"})

        mine = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'read%'"
        assert connection.execute(mine).fetchone() == (1,)

    def test_are_not_kept_without_end(self, connection, monkeypatch):
        monkeypatch.setattr(postgresql_reads, "MOST_PREPARED", 3)
        for number in [0, 1, 0, 2, 0, 3, 0, 4]:
            assert connection.fetch(f"SELECT {number}", {}) == [(number,)]

        kept = connection.execute("SELECT statement FROM pg_prepared_statements").fetchall()
        # Those that were asked last.
        assert {sql for (sql,) in kept if "pg_" not in sql} == {"SELECT 0", "SELECT 3", "SELECT 4"}

    def test_that_are_long_are_not_kept(self, connection, monkeypatch):
        monkeypatch.setattr(postgresql_reads, "LONGEST_PREPARED", 10)
        sql = "SELECT CAST(%(word)s AS text)"
        assert connection.fetch(sql, {"word": "one"}) == connection.fetch(sql, {"word": "one"})

        mine = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'read%'"
        assert connection.execute(mine).fetchone() == (0,)

    def test_that_the_server_has_forgotten_are_prepared_again(self, connection):
        """As behind a pool that gives each statement some connection."""
        sql = "SELECT CAST(%(word)s AS text)"
        for word in ("one", "two", "three"):
            assert connection.fetch(sql, {"word": word}) == [(word,)]
            connection.execute("DEALLOCATE ALL", prepare=False)

    def test_are_asked_again_over_another_connection(self, app, connection):
        with app.app_context():
            asked, one = reader(), text("SELECT pg_backend_pid()")
            ((pid,),) = asked.rows(one, {})
            connection.execute("SELECT pg_terminate_backend(%s)", [pid])

            assert asked.rows(one, {}) != [(pid,)]

    def test_of_a_lost_connection_are_said_to_be_lost(self, connection, app):
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone()
        with app.app_context():
            reader().connect().execute("SELECT pg_terminate_backend(%s)", [pid])

        with pytest.raises(psycopg.OperationalError):
            connection.fetch("SELECT 1", {})
        assert connection.closed
