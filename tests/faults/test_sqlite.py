"""SQLite's file is locked, or its disk is full or broken, under readers and writers."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from cms import checkpoints
from tests.faults.sites import Site, served, until
from tests.faults.tracing import traced

DISK_BYTES = 24_000_000
PIECE = bytes(64 * 1024)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own, which only root can make."""
    place = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("F9 needs the right to mount a tmpfs, and this user has none.")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture(scope="module")
def site(disk: Path) -> Iterator[Site]:
    with served(disk) as site:
        yield site


@pytest.fixture
def file(disk: Path) -> Path:
    return disk / "data" / "site.db"


def test_f7_a_file_that_another_process_locks_is_a_503_and_readers_go_on(site, file):
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        reply = site.write()
        assert site.read() == 200
        other.execute("ROLLBACK")

    assert (reply.status, "Retry-After" in reply.headers) == (503, True)
    assert site.write().status == 201
    site.check()


def test_f9_a_full_disk_is_a_503_and_nothing_that_was_acknowledged_is_lost(site, disk, file):
    with site.written_to():
        site.more_kept()
        fill(disk / "filling")
        site.more_refused(8)
        # What is not in memory has to be read.
        assert site.read() == 200
        assert site.ask("GET", "/api/v1/site").status == 200
        ready = site.ask("GET", "/readyz")
        (disk / "filling").unlink()
        site.more_kept()

    assert (ready.status, "bytes left" in ready.body["warnings"]["space"]) == (200, True)
    site.check()
    assert is_whole(file)


def test_the_log_stays_short_however_much_is_written(site, file):
    log = Path(f"{file}-wal")
    longest = 0
    with site.written_to():
        for _ in range(60):
            site.more_kept(5)
            longest = max(longest, log.stat().st_size)

    # Several times as much was written: each tag rewrites pages of several tables and indexes.
    assert longest < checkpoints.MOST + 4_000_000
    site.check()
    assert is_whole(file)


def test_f10_a_disk_that_fails_to_write_is_never_answered_as_kept(site, file):
    """`strace` lets no sync of any of its processes succeed."""
    failing = ["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO"]
    with traced(psutil.Process(site.process.pid).children(), Path("/dev/null"), *failing):
        replies = [site.write() for _ in range(10)]
        assert site.read() == 200

    assert {one.status for one in replies} == {503}
    until(lambda: site.write().status == 201)
    site.check()
    assert is_whole(file)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as out:
        for piece in (PIECE, PIECE[:512]):
            try:
                while out.write(piece):
                    pass
            except OSError:
                continue


def is_whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
