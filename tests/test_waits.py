"""Who waits for PostgreSQL: how long, whom nobody cuts off, and what a cut leaves behind."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from cms import waits
from cms.database import POSTGRESQL_OPTIONS, use_postgresql_well
from cms.extensions import db
from cms.migrations.head import HEAD
from cms.postgresql_reads import PostgresqlReads
from cms.services import compacting, migrating
from cms.services.unhurried import unhurried
from cms.waits import BoundedConnection
from tests.databases import PostgresqlServer

pytestmark = pytest.mark.thorough
# More rows than the system keeps on their way.
MUCH = "SELECT repeat('x', 100000) FROM generate_series(1, 500)"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """One that may be stopped."""
    server = PostgresqlServer()
    yield server
    server.stop()


@pytest.fixture
def engine(server: PostgresqlServer) -> Iterator:
    url = server.url.replace("postgresql", "postgresql+psycopg")
    engine = create_engine(url, connect_args=POSTGRESQL_OPTIONS, pool_pre_ping=True)
    use_postgresql_well(engine)
    yield engine
    engine.dispose()


def connected(url: str) -> closing:
    return closing(BoundedConnection.connect(url, **POSTGRESQL_OPTIONS))


@contextmanager
def still(server: PostgresqlServer) -> Iterator[None]:
    try:
        with server.still():
            yield
    finally:
        # Others try again, too.
        time.sleep(waits.SILENT)


def test_a_statement_that_takes_long_is_not_cut_while_the_server_answers(server):
    with connected(server.url) as one:
        assert one.execute("SELECT 1 FROM pg_sleep(4)").fetchone() == (1,)


def test_a_server_is_asked_at_most_once_in_a_while(server, monkeypatch):
    asked = []
    real = waits._lets_nobody_in
    monkeypatch.setattr(waits, "_lets_nobody_in", lambda to: asked.append(1) or real(to))
    with connected(server.url) as one:
        one.execute("SELECT 1 FROM pg_sleep(4)")

    assert 1 <= len(asked) <= 4 / waits.DOUBTFUL


def test_nothing_is_looked_up_to_ask(server):
    with connected(server.url.replace("127.0.0.1", "localhost")) as one:
        assert "hostaddr=127.0.0.1" in waits._address(one)


def test_an_answer_that_is_cut_in_the_middle_is_a_lost_connection_and_no_half(server, engine):
    with engine.connect() as connection, ExitStack() as held:
        lost = connection.connection.driver_connection
        # While one answer after the other is on its way.
        threading.Timer(0.5, held.enter_context, [still(server)]).start()
        with pytest.raises(OperationalError):
            go_on_reading(connection)
        assert lost.closed

    with engine.connect() as connection:
        assert is_whole(connection)
        assert connection.connection.driver_connection is not lost


def go_on_reading(connection) -> None:
    while True:
        assert is_whole(connection)


def is_whole(connection) -> bool:
    rows = connection.execute(text(MUCH)).all()
    return (len(rows), {len(one[0]) for one in rows}) == (500, {100_000})


def test_who_waits_for_a_server_that_stands_still_is_cut_off_within_three_seconds(server):
    with connected(server.url) as one, still(server):
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            one.execute("SELECT 1")
        took = time.monotonic() - began

        assert (one.closed, one.info.transaction_status) == (True, TransactionStatus.UNKNOWN)
        # Twice of what it is on a machine that is busy.
        assert took < 6


def test_a_statement_that_is_cancelled_leaves_its_connection_as_it_was(engine):
    with engine.connect() as connection:
        found = connection.connection.driver_connection
        connection.execute(text("SET statement_timeout = 100"))
        with pytest.raises(OperationalError, match="statement timeout"):
            connection.execute(text(f"{MUCH}, pg_sleep(1)")).all()
        connection.rollback()

        assert connection.execute(text("SELECT 7")).scalar() == 7
        assert connection.connection.driver_connection is found


def test_who_looks_after_those_who_wait_goes_on_whatever_happens(server):
    with connected(server.url) as gone, connected(server.url) as one:
        # As if it were closed at the very moment.
        waits._waits.begin(gone)
        gone.close()
        time.sleep(waits.DOUBTFUL + 3 * waits.LOOK_EVERY)
        with still(server), pytest.raises(psycopg.OperationalError):
            one.execute("SELECT 1")
        waits._waits.end(gone)


class TestWhatNobodyWaitsFor:
    def test_takes_longer_than_the_longest_wait(self, engine, monkeypatch):
        monkeypatch.setattr(waits, "MOST", 1.0)
        with engine.connect() as connection, pytest.raises(OperationalError):
            connection.execute(text("SELECT pg_sleep(4)"))
        with unhurried(engine) as connection:
            connection.execute(text("SELECT pg_sleep(4)"))
            alone = connection.connection.driver_connection

        # No other statement gets its connection.
        with engine.connect() as connection:
            assert connection.connection.driver_connection is not alone
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "15s"

    def test_ends_where_the_server_stands_still_for_good(self, server, engine, monkeypatch):
        monkeypatch.setattr(waits, "SILENT_FOR_GOOD", 4.0)
        with unhurried(engine) as connection, still(server):
            began = time.monotonic()
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT 1"))

            assert time.monotonic() - began > 4

    @pytest.mark.only_on("postgresql")
    def test_is_the_vacuum_after_an_erasure(self, app, config, monkeypatch):
        monkeypatch.setattr(waits, "MOST", 1.0)
        with psycopg.connect(config.database_url) as other:
            other.execute("LOCK TABLE comments IN SHARE UPDATE EXCLUSIVE MODE")
            threading.Timer(3.0, other.rollback).start()
            with app.app_context():
                assert compacting.compact()
                db.session.remove()

    def test_is_a_migration(self, server):
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE slow")
        with psycopg.connect(f"{server.url[:-8]}slow", autocommit=True) as connection:
            for statement in SLOW:
                connection.execute(statement)
        limit = POSTGRESQL_OPTIONS | {"options": "-c statement_timeout=300"}
        url = f"postgresql+psycopg{server.url[10:-8]}slow"
        hurried = create_engine(url, connect_args=limit)
        use_postgresql_well(hurried)

        migrating.upgrade(hurried)

        assert migrating.revision_of(hurried) == HEAD
        hurried.dispose()


# Every function that is made takes half a second.
SLOW = [
    "CREATE FUNCTION take_time() RETURNS event_trigger LANGUAGE plpgsql"
    " AS 'BEGIN PERFORM pg_sleep(0.5); END'",
    "CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION')"
    " EXECUTE FUNCTION take_time()",
]


def test_a_public_read_ends_where_the_server_stands_still(server):
    reads = PostgresqlReads(make_url(server.url))
    with closing(reads.connect()) as one:
        assert one.fetch("SELECT 1", {}) == [(1,)]
        begun = time.monotonic()
        with still(server), pytest.raises(psycopg.OperationalError):
            one.fetch("SELECT 1", {})

        assert time.monotonic() - begun < 3 + waits.SILENT
        assert reads.is_lost(one, None)
