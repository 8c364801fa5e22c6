"""`python -m benchmarks.receivers`: what dead receivers of webhooks cost readers.

A server with its worker beside it is read from while an editor saves; the webhooks are switched on
and off in turn. What differs is what receivers cost that take a connection and never answer. Each
round has them off twice: how far these two differ is how far the machine can be trusted.
"""

import argparse
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import mean, median, quantiles

import psutil
from flask import Flask
from sqlalchemy import func, select

from benchmarks import content, load, servers
from benchmarks.asking import Asking
from cms import create_app
from cms.cli import beside
from cms.config import Config
from cms.extensions import db
from cms.models import DeliveryAttempt
from cms.services import heartbeat
from tests import building
from tests.databases import PostgresqlServer

LIMIT = 1.1
POSTS, HOOKS, TAGS = "/api/v1/posts", "/api/v1/manage/webhooks", "/api/v1/manage/tags"
# Between two saves of the editor, in seconds.
APART = 0.1
# How long a worker may take to begin.
START_SECONDS = 120
STATES = ("off", "on", "again")


def main(arguments: Sequence[str] | None = None) -> float:
    """Print what the p99 is with and without them, and return the ratio."""
    options = _parser().parse_args(arguments)
    with ExitStack() as held:
        config = held.enter_context(_site(options.database))
        app = create_app(config)
        with app.app_context():
            slugs = content.fill(options.posts)
        admin = building.signed_in(app, "admin").token
        ports = [held.enter_context(_silent()) for _ in range(options.dead)]
        server = held.enter_context(servers.running({"site": ("site", config)}))["site"]
        worker = held.enter_context(_worker(config))
        _wait_for_worker(app)
        asking = Asking(server.port, admin)
        hooks = [_hook(asking, port) for port in ports]
        requests = [load.request(f"{POSTS}/{slug}") for slug in slugs]
        with _saving(server.port, admin):
            found = _rounds(asking, hooks, requests, server.port, options)
        tried = _tried(app)
        used = sum(worker.cpu_times()[:2])
    assert tried, "Nothing was sent: the worker had no time for it."
    ratio = _told(found, options)
    print(f"{tried} attempts were made; the worker used {used:.1f} s of CPU, its start included.")
    return ratio


def _told(found: dict[str, list[float]], options: argparse.Namespace) -> float:
    """The ratio: the median of what each round says, so that a burst of others spoils few."""
    off, on = (median(found[state]) * 1000 for state in ("off", "on"))
    rounds = list(zip(*found.values(), strict=True))
    ratio = median(on / mean((off, again)) for off, on, again in rounds)
    noise = median(again / off for off, _, again in rounds)
    print(
        f"{options.database}: p99 {off:.2f} ms with webhooks off, {on:.2f} ms with {options.dead}"
        f" that never answer: ratio {ratio:.3f}, limit {LIMIT};"
    )
    print(f"off again {noise:.3f} of off; medians of {len(rounds)} rounds.")
    return ratio


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receivers", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--dead", type=int, default=5, help="how many never answer")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=2, help="of each state in each round")
    return parser


@contextmanager
def _site(database: str) -> Iterator[Config]:
    server = PostgresqlServer() if database == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="cms-bench-") as folder:
            yield Config(
                data_dir=Path(folder),
                database_url=server.url if server else "",
                secret=secrets.token_hex(),
                outbound_allow=("127.0.0.0/8",),
            )
    finally:
        if server:
            server.stop()


@contextmanager
def _silent() -> Iterator[int]:
    """A receiver whose connections stand, and who never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as one:
        yield one.getsockname()[1]


@contextmanager
def _worker(config: Config) -> Iterator[psutil.Process]:
    process = beside.begun(config)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def _wait_for_worker(app: Flask) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _has_worker(app):
        assert time.monotonic() < deadline, "The worker does not start."
        time.sleep(0.2)


def _has_worker(app: Flask) -> bool:
    with app.app_context():
        return heartbeat.last() is not None


def _hook(asking: Asking, port: int) -> str:
    values = {"url": f"http://127.0.0.1:{port}/", "active": False}
    return asking.put(HOOKS, values, method="POST")["id"]


@contextmanager
def _saving(port: int, token: str) -> Iterator[None]:
    """An editor who saves again and again: each time an event."""
    ending, asking = threading.Event(), Asking(port, token)
    tag = asking.put(TAGS, {"name": "Warmth"}, method="POST")["id"]

    def save() -> None:
        began = time.monotonic()
        for number in count():
            # As many in each state, also where each of them takes longer: they cost readers, too.
            if ending.wait(max(0.0, began + number * APART - time.monotonic())):
                return
            asking.put(f"{TAGS}/{tag}", {"description": f"Text {number}"}, method="PATCH")

    saving = threading.Thread(target=save)
    saving.start()
    try:
        yield
    finally:
        ending.set()
        saving.join()


def _rounds(
    asking: Asking, hooks: list[str], requests: list[bytes], port: int, options: argparse.Namespace
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {state: [] for state in STATES}
    for number in range(options.rounds):
        # Whoever comes later has the warmer machine: so they take turns.
        first = number % len(STATES)
        for state in STATES[first:] + STATES[:first]:
            for hook in hooks:
                asking.put(f"{HOOKS}/{hook}", {"active": state == "on"}, method="PATCH")
            measured = load.run(port, requests, status=200, seconds=options.seconds)
            found[state].append(quantiles(measured.latencies, n=100)[98])
    return found


def _tried(app: Flask) -> int:
    """How many attempts have ended."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(DeliveryAttempt))


if __name__ == "__main__":
    main()
