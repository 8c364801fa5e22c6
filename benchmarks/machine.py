"""Where it is measured: a new site, and a core for each side."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cms.config import Config
from tests.databases import PostgresqlServer


@contextmanager
def new_site(database: str) -> Iterator[Config]:
    """Settings of a new site; its database goes away with it."""
    server = PostgresqlServer() if database == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="cms-bench-") as folder:
            url = server.url if server else ""
            yield Config(data_dir=Path(folder), database_url=url, secret=secrets.token_hex())
    finally:
        if server:
            server.stop()


def cores() -> tuple[int | None, int | None]:
    """A core for the generator and one for the servers; none where they can not be chosen."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return (known[1], known[0]) if len(known) > 1 else (None, None)


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [core])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
