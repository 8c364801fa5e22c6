"""`python -m benchmarks.missed`: whether who keeps a copy by `/sync` ever misses a change.

Writers, each in a process of its own, change the site at random. Readers ask for what changed all
the while. When the last schedule is over, each copy is compared with the site.
"""

import argparse
import multiprocessing
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks import writers
from cms.cli.opening import any_schema
from cms.config import Config
from cms.extensions import db
from cms.services import migrating
from cms.times import utc_now
from tests.databases import PostgresqlServer
from tests.syncing import Copy, assert_as_delivered, fresh

# Each takes pages of its own size.
READERS = (2, 20, 100)
# Seconds, where nothing was new: readers who only ask would leave the writers no processor. Between
# two pages, too: what is told on one may be gone before the next.
PAUSE = 0.02
LOCALES = ("en", "es")


Documents = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """How much one reader was told, how much it had at the end, and how much of that was wrong."""

    limit: int
    asked: int
    told: int
    documents: int
    missed: list[Any]


def main(arguments: Sequence[str] | None = None) -> list[Outcome]:
    options = _parser().parse_args(arguments)
    with ExitStack() as stack:
        config = _site(stack, options.database)
        app = stack.enter_context(any_schema(config))
        migrating.upgrade(db.engine)
        with _Writing(config, options.writers, options.seconds) as writing:
            found = followed(app, writing.is_over)
    print(f"{options.writers} writers, {writing.changes} changes in {options.seconds} s")
    for one in found:
        print(one)
    return found


def followed(app: Flask, is_over: Callable[[], bool]) -> list[Outcome]:
    """Let readers follow until writing is over, and every schedule with it."""
    with ThreadPoolExecutor(len(READERS)) as threads:
        return list(threads.map(lambda limit: _follow(app, limit, is_over), READERS))


def _follow(app: Flask, limit: int, is_over: Callable[[], bool]) -> Outcome:
    copy = Copy(app.test_client(), "*", limit)
    asked = told = 0
    while not is_over():
        page = copy.page()
        told, asked = told + len(page["data"]), asked + 1
        if page["meta"]["more"] or not page["data"]:
            time.sleep(PAUSE)
    end = utc_now() + timedelta(milliseconds=2 * writers.AHEAD)
    while utc_now() < end:
        told += len(copy.pull())
    # What was begun before may have ended behind it: a walk, or a long delta of what was then.
    told += len(copy.pull()) + len(copy.pull())
    wanted = fresh(copy)
    missed = _differences(copy.documents, wanted)
    if not missed and limit == max(READERS):
        assert_as_delivered(copy)
    return Outcome(limit, asked, told, len(wanted), missed)


def _differences(kept: Documents, wanted: Documents) -> list[tuple[str, Any, Any]]:
    """What a reader has that is not so, and what would be right."""
    return [
        (kind, kept.get((kind, name)), wanted.get((kind, name)))
        for kind, name in wanted.keys() | kept.keys()
        if kept.get((kind, name)) != wanted.get((kind, name))
    ]


class _Writing:
    """Writers in processes, for some seconds."""

    def __init__(self, config: Config, number: int, seconds: float) -> None:
        # A process that is forked would share the connections of this one.
        self._context = multiprocessing.get_context("spawn")
        self._ended, self._made = self._context.Event(), self._context.Queue()
        self._ready, self._seconds, self.changes = self._context.Barrier(number + 1), seconds, 0
        signs = self._ready, self._ended, self._made
        given = [(config, seed, *signs) for seed in range(number)]
        self._all = [self._context.Process(target=_write, args=one) for one in given]

    def __enter__(self) -> "_Writing":
        for one in self._all:
            one.start()
        self._ready.wait()
        self._until = time.monotonic() + self._seconds
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.changes = sum(self._made.get() for _ in self._all)
        for one in self._all:
            one.join()

    def is_over(self) -> bool:
        if time.monotonic() > self._until:
            self._ended.set()
        return not any(one.is_alive() for one in self._all)


def _write(config: Config, seed: int, ready: Any, ended: Any, made: Any) -> None:
    with any_schema(config) as app:
        ready.wait()
        made.put(writers.write(app, seed, ended))


def _site(stack: ExitStack, database: str) -> Config:
    """Settings of a new site; its database goes away with it."""
    url = ""
    if database == "postgresql":
        server = PostgresqlServer()
        stack.callback(server.stop)
        url = server.url
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cms-bench-"))
    named = {"public_url": "http://api.example.org", "locales": LOCALES}
    return Config(data_dir=Path(folder), database_url=url, secret=secrets.token_hex(), **named)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.missed", description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser


if __name__ == "__main__":
    main()
