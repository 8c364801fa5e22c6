"""`python -m benchmarks.comments`: what leaving and reading comments costs, and what a crash loses.

It starts `cms serve` with two workers over a site of its own, sends over HTTP from eight writers,
and looks into the database afterwards. `--rounds 20` kills the server as often, at any moment.
"""

import argparse
import http.client
import itertools
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import orjson
from sqlalchemy import select

from benchmarks import content, conversations, load
from benchmarks.commented import WORKERS, kill, serving
from benchmarks.machine import new_site
from cms.cli.opening import any_schema
from cms.config import Config
from cms.extensions import db
from cms.models import Comment, Post

WRITERS = 8


@dataclass
class Sent:
    """What the writers were told: the comment that each key belongs to."""

    keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    acknowledged: dict[int, str] = field(default_factory=dict)
    # What was cut off is sent again, with its key.
    cut_off: list[int] = field(default_factory=list)
    # How often the server said that it was too busy: nothing was changed, and all is sent again.
    put_off: int = 0

    def next_key(self) -> int:
        return self.cut_off.pop() if self.cut_off else next(self.keys)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    with new_site(options.database) as config:
        with any_schema(config):
            (slug,) = content.fill(1)
        _measure_sending(config, slug, options.seconds)
        _lose_nothing(config, slug, options.rounds)
        _measure_reading(config, slug, options.comments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comments", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=10, help="of sending without a crash")
    parser.add_argument("--rounds", type=int, default=3, help="how often the server is killed")
    parser.add_argument("--comments", type=int, default=100_000, help="on the thread that is read")
    return parser


def _send(port: int, slug: str, sent: Sent, until: float) -> None:
    """One writer: a comment after the other, until the time comes or the server goes."""
    with suppress(OSError), load.opened(port) as connection:
        while time.monotonic() < until:
            key = sent.next_key()
            try:
                answer = load.exchanged(connection, _request(slug, key))
            except (OSError, load.BadAnswer):
                sent.cut_off.append(key)
                return
            _note(sent, key, answer)


def _note(sent: Sent, key: int, answer: bytes) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head[9:12])
    if status == 503:
        sent.cut_off.append(key)
        sent.put_off += 1
        time.sleep(0.05)
    elif status == 202:
        sent.acknowledged[key] = orjson.loads(body)["data"]["id"]
    else:
        raise RuntimeError(f"Expected 202, got: {answer[:500]!r}")


def _request(slug: str, key: int) -> bytes:
    """The bytes of a request: the generator shares its cores with the server, and does little."""
    body, headers = request_of(key)
    lines = [f"POST /api/v1/posts/{slug}/comments HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode("ascii") + body


def request_of(key: int) -> tuple[bytes, dict[str, str]]:
    said = {
        "author_name": f"Reader {key}",
        "author_email": f"reader{key}@example.org",
        "body": f"Comment {key}: thank you, *that* helped.\n\nIs it so at night, too?",
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"key-{key}"}
    return orjson.dumps(said), headers


def _write(port: int, slug: str, sent: Sent, seconds: float) -> list[threading.Thread]:
    until = time.monotonic() + seconds
    writers = [
        threading.Thread(target=_send, args=(port, slug, sent, until)) for _ in range(WRITERS)
    ]
    for one in writers:
        one.start()
    return writers


def _measure_sending(config: Config, slug: str, seconds: float) -> None:
    sent = Sent()
    with serving(config) as (port, _):
        start = time.monotonic()
        for one in _write(port, slug, sent, seconds):
            one.join()
        took = time.monotonic() - start
    rate = len(sent.acknowledged) / took
    print(
        f"{WRITERS} writers, {WORKERS} workers: {rate:.0f} comments a second over {took:.1f} s,"
        f" {sent.put_off} times too busy"
    )
    _check(config, sent)


def _lose_nothing(config: Config, slug: str, rounds: int) -> None:
    """Kill the server while it takes comments; send again what was not acknowledged."""
    sent, moments = Sent(keys=itertools.count(10_000_000)), random.Random(20)  # noqa: S311
    for _ in range(rounds):
        with serving(config) as (port, process):
            writers = _write(port, slug, sent, seconds=30)
            time.sleep(moments.uniform(0.2, 1.2))
            kill(process)
            for one in writers:
                one.join()
    with serving(config) as (port, _):
        while sent.cut_off:
            _send(port, slug, sent, time.monotonic() + 0.05)
    _check(config, sent)
    print(f"{rounds} kills: {len(sent.acknowledged)} acknowledged, none lost, none doubled")


def _check(config: Config, sent: Sent) -> None:
    """Every acknowledged comment is there, and each key made one. Raises AssertionError."""
    names = {f"Reader {key}": comment_id for key, comment_id in sent.acknowledged.items()}
    with any_schema(config):
        rows = db.session.execute(select(Comment.name, Comment.id)).all()
        found = [(name, comment_id) for name, comment_id in rows if name in names]
    assert len(found) == len(names), "A comment is lost or doubled."
    assert dict(found) == names, "An acknowledged comment has another id."


def _measure_reading(config: Config, slug: str, number: int) -> None:
    with any_schema(config):
        post_id = db.session.scalars(select(Post.id).filter_by(slug=slug)).one()
        conversations.fill([post_id], number)
    with serving(config) as (port, _):
        path = f"/api/v1/posts/{slug}/comments"
        for query in ("", "?sort=-created_at", "?limit=100"):
            took = sorted(_seconds(port, path + query) for _ in range(120))[:-10]
            print(
                f"GET …/comments{query} of {number:,}: {statistics.median(took) * 1000:.1f} ms,"
                f" p90 {took[int(len(took) * 0.9)] * 1000:.1f} ms"
            )


def _seconds(port: int, path: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    start = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    took = time.perf_counter() - start
    connection.close()
    assert response.status == 200, body[:500]
    return took


if __name__ == "__main__":
    main()
