"""The server is renewed under load, and no request of anybody fails."""

import json
import signal
from contextlib import closing
from http.client import HTTPConnection

import psutil

from tests.faults.clients import asking
from tests.faults.sites import DEADLINE, HERE, Site, until


def serving(site: Site) -> list[psutil.Process]:
    """Those that answer, and the successor that began them."""
    return psutil.Process(site.process.pid).children(recursive=True)


def workers(site: Site) -> list[psutil.Process]:
    first = psutil.Process(site.process.pid)
    successors = [one for one in first.children() if "succession" in " ".join(one.cmdline())]
    return successors[-1].children() if successors else first.children()


def gone(processes: list[psutil.Process]) -> bool:
    # A successor has to begin first, which on a busy machine takes a while by itself.
    return psutil.wait_procs(processes, timeout=3 * DEADLINE)[1] == []


def test_f5_a_successor_takes_over_and_no_request_fails(site: Site, rounds: int):
    with asking(site) as clients:
        for _ in range(rounds):
            before = serving(site)
            clients.more_answered()
            site.process.send_signal(signal.SIGUSR2)
            assert gone(before)
            clients.more_answered()

    assert clients.failed == []
    assert len(serving(site)) == 3, "A successor and its two workers."
    site.check()


def test_f5_workers_end_one_by_one_and_no_request_fails(site: Site, rounds: int):
    with asking(site) as clients:
        for _ in range(rounds):
            one = workers(site)[0]
            clients.more_answered()
            one.terminate()
            assert gone([one])
            until(lambda: len(workers(site)) == 2)
            clients.more_answered()

    assert clients.failed == []
    site.check()


def test_f5_what_is_under_way_is_answered(site: Site):
    before = workers(site)
    body = json.dumps({"name": "Slow", "slug": "slow"}).encode()
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=DEADLINE)) as slow:
        begin(slow, site, len(body))
        # Not by a successor: a busy machine may take longer to begin one than a body may take.
        for one in before:
            one.terminate()
        # Whoever has it is told to end, and the other is gone by then.
        until(lambda: sum(one.is_running() for one in before) == 1)
        slow.send(body)
        status = slow.getresponse().status

    assert status == 201
    assert gone(before)


def begin(slow: HTTPConnection, site: Site, length: int) -> None:
    """A request whose body has yet to come, on a connection that a worker has."""
    slow.request("GET", "/healthz")
    slow.getresponse().read()
    slow.putrequest("POST", HERE)
    slow.putheader("Authorization", f"Bearer {site.token}")
    slow.putheader("Content-Type", "application/json")
    slow.putheader("Content-Length", str(length))
    slow.endheaders()
