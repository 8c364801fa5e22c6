"""Processes of the server stand still, one of them and then all, and go on again."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.faults.clients import asking
from tests.faults.sites import Site, until

# How long a client of these tests waits for an answer, before it holds the server for away.
PATIENCE = 2


def test_f4_while_a_worker_stands_still_others_answer_and_nothing_is_lost(site: Site):
    first, *_ = workers = psutil.Process(site.process.pid).children()
    with asking(site) as clients:
        clients.more_answered()
        with still([first]):
            # Once the server has noticed, whoever comes is given to the other.
            until(lambda: all(is_answered(site) for _ in range(12)))
        clients.more_answered()
        with still(workers):
            assert not is_answered(site), "Who asks for its health hears nothing."
        until(lambda: is_answered(site))
        clients.more_answered()

    # Whoever waited was answered in the end.
    assert clients.failed == []
    site.check()


@contextmanager
def still(processes: list[psutil.Process]) -> Iterator[None]:
    for one in processes:
        one.suspend()
    try:
        yield
    finally:
        for one in processes:
            one.resume()


def is_answered(site: Site) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
