"""The server is renewed under load, and no request of anybody fails."""

import json
import signal
import socket
from contextlib import closing

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
    return psutil.wait_procs(processes, timeout=DEADLINE)[1] == []


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
    with closing(socket.create_connection(("127.0.0.1", site.port), 30)) as slow:
        slow.sendall(
            f"POST {HERE} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {site.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        )
        site.process.send_signal(signal.SIGUSR2)
        # Whoever has it is told to end, and the others are gone by then.
        until(lambda: sum(one.is_running() for one in before) == 1)
        slow.sendall(body)
        answer = slow.recv(4096)

    assert answer.startswith(b"HTTP/1.1 201 ")
    assert gone(before)
