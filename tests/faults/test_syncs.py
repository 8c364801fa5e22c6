"""What is acknowledged was synced before: the order of system calls, for each write.

`strace` sees the server's processes, and on PostgreSQL the database's too. Nothing is measured.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.databases import PostgresqlServer
from tests.faults.sites import Site
from tests.faults.tracing import traced

CALLS = "trace=fdatasync,fsync,read,recvfrom,recvmsg,write,writev,sendto,sendmsg"
# A log of either database, by the path that `strace -y` shows.
LOG = re.compile(r"<[^>]*(?:site\.db-wal|/pg_wal/[0-9A-F]{24})>")
SYNC = re.compile(r"\b(?:fdatasync|fsync)\(")
POSTS = "/api/v1/manage/posts"
BODY = {"format": "markdown", "source": "Text."}


@pytest.fixture
def processes(site: Site, database: str, request: pytest.FixtureRequest) -> list[psutil.Process]:
    # Each process has its connections by then.
    for _ in range(20):
        site.write()
    found = psutil.Process(site.process.pid).children()
    if database:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        parent = psutil.Process(server.process.pid)
        found += [parent, *parent.children()]
    return found


def test_f3_the_log_is_synced_before_each_write_is_acknowledged(
    site: Site, processes: list[psutil.Process], tmp_path: Path
):
    with traced(processes, tmp_path / "calls", "-y", "-s", "24", "-e", CALLS):
        statuses = [one.status for one in every_kind_of_write(site)]

    events = list(happened((tmp_path / "calls").read_text()))
    assert statuses == [201, 201, 200, 200, 202]
    assert events.count("acknowledged") == len(statuses)
    for before, after in pairwise(events):
        assert after != "acknowledged" or before == "synced", events


def every_kind_of_write(site: Site) -> Iterator:
    yield site.write()
    created = site.ask("POST", POSTS, {"title": "Warm hands", "body": BODY})
    yield created
    post = created.body["data"]
    yield site.ask("PATCH", f"{POSTS}/{post['id']}", {"title": "Warmer hands"})
    yield site.ask("PUT", f"{POSTS}/{post['id']}/publication", {})
    said = {"author_name": "A reader", "author_email": "reader@example.org", "body": "Thank you."}
    yield site.ask("POST", f"/api/v1/posts/{post['slug']}/comments", said)


def happened(calls: str) -> Iterator[str]:
    """`asked`, `synced` and `acknowledged`, as they ended. Syncs of other files are left out."""
    began: dict[str, str] = {}
    for line in calls.splitlines():
        process, _, call = line.partition(" ")
        if "<unfinished ...>" in call:
            began[process] = call
            continue
        if "resumed>" in call:
            call = began.pop(process, "") + call
        if SYNC.search(call) and LOG.search(call) and call.endswith("= 0"):
            yield "synced"
        elif re.search(r'"(POST|PUT|PATCH) ', call):
            yield "asked"
        elif re.search(r'"HTTP/1\.1 20[012] ', call):
            yield "acknowledged"
