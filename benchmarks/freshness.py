"""`python -m benchmarks.freshness`: publish in one process, read in others, count what is stale.

Each process has a front of its own, filled before the change: an answer is stale if it does not
show the change that was acknowledged before it was asked for.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.machine import new_site
from benchmarks.servers import SPAWN
from cms import create_app
from cms.cli.opening import any_schema
from cms.config import Config
from cms.extensions import db
from cms.services import lease, migrating
from tests import building

POST, LIST = "/api/v1/posts/fresh", "/api/v1/posts?limit=1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and return how many of the reads were stale."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args(arguments)
    with new_site(options.database) as found:
        config = replace(found, rate_limits=False)
        with any_schema(config):
            migrating.upgrade(db.engine)
        with readers(config, options.processes) as asked:
            stale = count(config, asked, options.pairs)
    print(f"{stale} stale of {options.pairs:,} reads after a publish, on {options.database}")
    return stale


def count(config: Config, asked: Sequence[Connection], pairs: int) -> int:
    editor = building.signed_in(create_app(config), "editor")
    post = building.published_post(editor, slug="fresh")
    for one in asked:
        titles(one)
    stale = 0
    for number, one in enumerate(islice(cycle(asked), pairs)):
        building.corrected(editor, post["id"], title=f"Title {number}")
        stale += titles(one) != [f"Title {number}"] * 2
    return stale


def titles(one: Connection) -> Any:
    one.send("read")
    return one.recv()


@contextmanager
def readers(config: Config, processes: int) -> Iterator[list[Connection]]:
    with ExitStack() as open_ends:
        children, ends = [], []
        for _ in range(processes):
            here, there = SPAWN.Pipe()
            ends.append(open_ends.enter_context(here))
            children.append(SPAWN.Process(target=_read, args=(config, there), daemon=True))
            children[-1].start()
            there.close()
        try:
            yield ends
        finally:
            for end in ends:
                end.send(None)
            for child in children:
                child.join(timeout=20)


def _read(config: Config, end: Connection) -> None:
    # On PostgreSQL, with a lease: these ask too seldom to borrow one by themselves.
    lease.OFTEN = 0
    client = create_app(config).test_client()
    while end.recv() is not None:
        shown = client.get(POST).json["data"], client.get(LIST).json["data"][0]
        end.send([one["title"] for one in shown])


if __name__ == "__main__":
    raise SystemExit(bool(main()))
