"""A process that answers under a lease stands still while others publish, and goes on again."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import psycopg
import pytest

from benchmarks import load
from cms import create_app
from cms.actor import OPERATOR
from cms.database import transaction
from cms.services import lease, settings
from tests.faults.sites import Place, Site, going_on, until
from tests.faults.test_stopped import still

SHOWN = [load.request("/api/v1/site")]
WORKERS = 2
# How long a writer waits for one that stands still; the rest is for a machine that is busy.
PATIENCE = lease.PATIENCE + 4


@pytest.fixture
def site(place: Place) -> Iterator[Site]:
    with place.served(CMS_WORKERS=str(WORKERS)) as site:
        yield site


def test_f4_who_stands_still_under_a_lease_shows_what_was_published_meanwhile(place, site):
    if not place.config.database_url:
        pytest.skip("Only PostgreSQL is asked for leases")
    first, _ = psutil.Process(site.process.pid).children()
    with ExitStack() as opened:
        sockets = [opened.enter_context(load.opened(site.port)) for _ in range(12)]
        with going_on(1, lambda ending: asking(site, ending)):
            until(lambda: holders(place) == WORKERS)
            with still([first]):
                took = named(place, "Published meanwhile")
                until(lambda: holders(place) < WORKERS)
                for one in sockets:
                    one.sendall(SHOWN[0])
            shown = [whole(one) for one in sockets]

    assert lease.TERM < took < PATIENCE
    assert all(b"Published meanwhile" in one for one in shown)


def asking(site: Site, ending: threading.Event) -> None:
    """As many ask, so that each process has a lease. Who asks the one that stands still waits."""
    while not ending.is_set():
        load.run(site.port, SHOWN, status=200, seconds=0.5)


def holders(place: Place) -> int:
    with psycopg.connect(place.config.database_url, autocommit=True) as connection:
        sql = f"SELECT count(*) {lease.HOLDERS}"
        return connection.execute(sql, [lease.MOST]).fetchone()[0]


def named(place: Place, name: str) -> float:
    """How long it took to give the site a name, in a process that serves nobody."""
    with create_app(place.config).app_context():
        begun = time.monotonic()
        with transaction():
            settings.edit(OPERATOR, None, {"name": name})
        return time.monotonic() - begun


def whole(connection) -> bytes:
    answer = b""
    while not load.is_whole(answer):
        answer += connection.recv(65_536)
    return answer
