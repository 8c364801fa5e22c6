"""`python -m benchmarks.deaths`: workers are killed again and again, and no event is lost.

Writers commit events, and roll some back, while one worker after the other is begun and killed at
any moment. In the end every event that was kept has reached every receiver, none that was not kept
has reached any, none left before its commit, and none was sent by two at a time.
"""

import argparse
import contextlib
import multiprocessing
import random
import secrets
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from cms import create_app
from cms.config import Config
from cms.database import transaction
from cms.extensions import db
from cms.models import OutboxEvent, Webhook
from cms.models.base import new_id
from cms.services import clock, deliveries, migrating
from cms.worker import Worker
from tests.databases import PostgresqlServer

RECEIVERS = 8
# Longer than any answer here takes, as the real one is longer than any answer may take.
LEASE = timedelta(milliseconds=700)
SLOWEST_ANSWER = 0.03
# How many workers are at work together, and how long before the next of them is killed.
AT_ONCE = 4
LIFE = (0.05, 0.5)
PROCESSES = multiprocessing.get_context("forkserver")


@dataclass
class Seen:
    """What writers and receivers noted, in seconds of one clock."""

    kept: dict[str, float] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    first: dict[tuple[str, str], float] = field(default_factory=dict)
    arrived: Counter = field(default_factory=Counter)
    under_way: Counter = field(default_factory=Counter)
    doubled: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def main(arguments: Sequence[str] | None = None) -> Seen:
    """Raises AssertionError for whatever is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deaths", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args(arguments)
    with _site(options.database) as config, _receiver() as (seen, url):
        app = create_app(config)
        with app.app_context():
            migrating.upgrade(db.engine)
            with transaction():
                db.session.add_all(
                    Webhook(url=f"{url}{number}", events=["*"]) for number in range(RECEIVERS)
                )
        _writing_while(app, seen, lambda: _kill(config, options.kills))
        _finish(app)
    _check(seen)
    wanted = len(seen.kept) * RECEIVERS
    print(f"{options.database}: {options.kills} kills, {len(seen.kept)} events kept,")
    print(f"{len(seen.undone)} undone, {wanted} deliveries wanted, 0 lost, 0 early, 0 at once,")
    print(f"{sum(seen.arrived.values()) - wanted} came twice.")
    return seen


@contextmanager
def _site(database: str) -> Iterator[Config]:
    server = PostgresqlServer() if database == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="cms-deaths-") as folder:
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
def _receiver() -> Iterator[tuple[Seen, str]]:
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = (body["data"]["id"], self.path)
            with seen.lock:
                seen.first.setdefault(key, time.monotonic())
                seen.arrived[key] += 1
                seen.under_way[key] += 1
                seen.doubled += seen.under_way[key] > 1
            time.sleep(random.uniform(0, SLOWEST_ANSWER))  # noqa: S311
            with seen.lock:
                seen.under_way[key] -= 1
            with contextlib.suppress(OSError):
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """Whoever sent was killed."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield seen, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _writing_while(app: Any, seen: Seen, act: Any) -> None:
    ending = threading.Event()
    writers = [threading.Thread(target=_write, args=(app, seen, ending)) for _ in range(2)]
    for one in writers:
        one.start()
    act()
    ending.set()
    for one in writers:
        one.join()


def _write(app: Any, seen: Seen, ending: threading.Event) -> None:
    while not ending.wait(random.uniform(0, 1)):  # noqa: S311
        name = new_id()
        keeps = random.random() < 0.8  # noqa: S311
        if not keeps:
            seen.undone.add(name)
        with app.app_context(), contextlib.suppress(ZeroDivisionError), transaction():
            db.session.add(OutboxEvent(type="post.saved", payload={"id": name}, created_at=_now()))
            db.session.flush()
            time.sleep(random.uniform(0, 0.02))  # noqa: S311
            seen.kept[name] = time.monotonic()
            if not keeps:
                del seen.kept[name]
                _ = 1 / 0


def _now() -> Any:
    return clock.now()


def _kill(config: Config, kills: int) -> None:
    PROCESSES.set_forkserver_preload(["cms.worker"])
    for _ in range(kills // AT_ONCE):
        alive = [_begun(config) for _ in range(AT_ONCE)]
        for working, _ in alive:
            assert working.wait(60)
        for _, process in alive:
            process.join(random.uniform(*LIFE))  # noqa: S311
            process.kill()
            process.join()


def _begun(config: Config) -> tuple[Any, Any]:
    working = PROCESSES.Event()
    process = PROCESSES.Process(target=_work, args=(config, working))
    process.start()
    return working, process


def _work(config: Config, working: Any) -> None:
    deliveries.LEASE = LEASE
    worker = Worker(create_app(config))
    working.set()
    worker.run()


def _finish(app: Any) -> None:
    """One that nobody kills does the rest."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        Worker(app).run_once()
        with app.app_context():
            left = db.session.query(deliveries.Delivery).filter_by(received_at=None).count()
            left += db.session.query(OutboxEvent).filter_by(fanned_out_at=None).count()
        if not left:
            return
        time.sleep(0.5)
    raise AssertionError(f"{left} deliveries are still waiting.")


def _check(seen: Seen) -> None:
    wanted = {(name, f"/{number}") for name in seen.kept for number in range(RECEIVERS)}
    assert seen.kept, "Nothing was written."
    assert wanted - seen.first.keys() == set(), "lost"
    assert seen.first.keys() - wanted == set(), "sent, and never kept"
    early = [key for key, at in seen.first.items() if at < seen.kept[key[0]]]
    assert early == [], "sent before its commit"
    assert seen.doubled == 0, "sent by two at a time"


if __name__ == "__main__":
    main()
