"""`python -m benchmarks.flood`: what readers notice while strangers send comments without a pause.

Over a site of its own, with its limits on: eight senders, first all from one address, then each
request from another. One reader asks meanwhile, one request after the other.
"""

import argparse
import http.client
import itertools
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from benchmarks import content
from benchmarks.commented import WORKERS, serving
from benchmarks.comments import request_of
from benchmarks.machine import new_site
from cms.cli.opening import any_schema

SENDERS = 8
NUMBERS = itertools.count()
# Who sends, by the proxy that the site is told to believe.
SENDING: dict[str, Callable[[int], str]] = {
    "one address": lambda _: "203.0.113.7",
    "every /64 of one /48": lambda n: f"2001:db8:1:{n % 65_536:x}::1",
    "another network each time": lambda n: f"2001:{n >> 16 & 0xFFFF:x}:{n & 0xFFFF:x}::1",
}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    settings = {"CMS_RATE_LIMITS": "on", "CMS_TRUSTED_PROXIES": "1"}
    settings["CMS_RESPONSE_CACHE"] = options.cache
    with new_site(options.database) as config:
        with any_schema(config):
            (slug,) = content.fill(1)
        with serving(config, **settings) as (port, _):
            print(f"{WORKERS} workers, {SENDERS} senders, memory of answers {options.cache}")
            _tell("nobody sends", _read(port, slug, options.seconds), Counter())
            for name, address_of in SENDING.items():
                with _flood(port, slug, address_of) as answers:
                    took = _read(port, slug, options.seconds)
                _tell(name, took, answers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=5, help="of each kind of flood")
    parser.add_argument("--cache", choices=["on", "off"], default="off")
    return parser


@contextmanager
def _flood(port: int, slug: str, address_of: Callable[[int], str]) -> Iterator[Counter[int]]:
    """Senders at work; how often they got which status is known when they have ended."""
    ended, answers = threading.Event(), Counter[int]()
    senders = [
        threading.Thread(target=_send, args=(port, slug, address_of, ended, answers))
        for _ in range(SENDERS)
    ]
    for one in senders:
        one.start()
    try:
        yield answers
    finally:
        ended.set()
        for one in senders:
            one.join()


def _send(
    port: int,
    slug: str,
    address_of: Callable[[int], str],
    ended: threading.Event,
    answers: Counter[int],
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not ended.is_set():
        number = next(NUMBERS)
        body, headers = request_of(number)
        headers["X-Forwarded-For"] = address_of(number)
        connection.request("POST", f"/api/v1/posts/{slug}/comments", body, headers)
        response = connection.getresponse()
        response.read()
        answers[response.status] += 1


def _read(port: int, slug: str, seconds: float) -> list[float]:
    """How long each read took, in seconds: the post and its thread by turns."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    paths = itertools.cycle([f"/api/v1/posts/{slug}", f"/api/v1/posts/{slug}/comments"])
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        start = time.perf_counter()
        connection.request("GET", next(paths))
        response = connection.getresponse()
        body = response.read()
        took.append(time.perf_counter() - start)
        assert response.status == 200, body[:500]
    return sorted(took)


def _tell(name: str, took: list[float], answers: Counter[int]) -> None:
    median, p99 = statistics.median(took), took[int(len(took) * 0.99)]
    sent = ", ".join(f"{number} times {status}" for status, number in sorted(answers.items()))
    print(
        f"{name}: {len(took)} reads, p50 {median * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms,"
        f" slowest {took[-1] * 1000:.0f} ms{'; sent ' if sent else ''}{sent}"
    )


if __name__ == "__main__":
    main()
