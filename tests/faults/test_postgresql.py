"""PostgreSQL stops, stands still, or lets nobody in, under readers and writers."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil
import psycopg
import pytest

from tests.databases import PostgresqlServer
from tests.faults.sites import DEADLINE, Site, served, tell, until

# Acknowledged means in the log, as in production. `fsync` is for a machine that dies.
KEEPING = ["fsync=off", "synchronous_commit=on", "max_connections=30", "shared_buffers=64MB"]
# How long it is away, in seconds.
AWAY = 10
# Nobody waits longer than three seconds for a 503; twice that on a machine that is busy.
PATIENCE = 6


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    server = PostgresqlServer(KEEPING)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def site(server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("site"), CMS_DATABASE_URL=server.url) as site:
        yield site


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_f6_a_restart_costs_a_503_and_nothing_that_was_acknowledged(server, site, how):
    with site.written_to():
        site.more_kept()
        server.process.send_signal(how)
        server.process.wait(30)
        with refusing(site, how.name):
            assert site.ask("GET", "/readyz").body["checks"]["database"] == "unreachable"
        server.process = server.start()
        with coming_back(how.name):
            site.more_kept()

    site.check()


def test_f6_a_backend_that_dies_costs_nothing_that_was_acknowledged(server, site):
    with site.written_to():
        site.more_kept()
        one = backends(server)[0]
        # The others end with it: the server begins anew by itself.
        one.kill()
        one.wait(30)
        site.more_kept(20)

    site.check()


def test_f7_a_server_that_stands_still_is_not_waited_for(server, site):
    with site.written_to():
        site.more_kept()
        # Each writer that was waiting hears of it while the server still stands.
        with server.still(), refusing(site, "SIGSTOP"):
            assert site.ask("GET", "/readyz").status == 503
        with coming_back("SIGSTOP"):
            site.more_kept()

    site.check()


def test_f7_a_server_without_a_free_connection_is_a_503_until_there_is_one(server, site):
    with ExitStack() as held:
        first = held.enter_context(psycopg.connect(server.url, autocommit=True))
        first.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cms'"
        )
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(server.url))

        reply = site.write()

        assert (reply.status, "Retry-After" in reply.headers) == (503, True)
    until(lambda: site.write().status == 201)
    site.check()


@contextmanager
def refusing(site: Site, name: str) -> Iterator[None]:
    """While it is away, what is in memory is read, and each writer is refused."""
    end, before = time.monotonic() + AWAY, len(site.refused)
    yield
    while time.monotonic() < end or len(site.refused) < before + 8:
        assert site.read() == 200, "What is in memory is shown while the database is away."
        assert time.monotonic() < end + DEADLINE
        time.sleep(0.05)
    longest = max(one.seconds for one in site.refused[before:])
    tell(f"{name}: refused after {longest:.1f} s at most")
    assert longest < PATIENCE


@contextmanager
def coming_back(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    tell(f"{name}: writing {time.monotonic() - began:.1f} s after it is back")


def backends(server: PostgresqlServer) -> list[psutil.Process]:
    """Those that serve clients."""
    found = psutil.Process(server.process.pid).children()
    return [one for one in found if "127.0.0.1" in " ".join(one.cmdline())]
