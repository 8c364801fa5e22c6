"""A server over a site that takes comments, which can be killed at any moment."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from cms.config import Config
from tests.databases import free_port

WORKERS = 2
START_SECONDS = 60
SERVE = [sys.executable, "-c", "from cms.cli import main; main()", "serve"]


@contextmanager
def serving(config: Config, **settings: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A server that answers, and its process; it is killed at the end with all its workers.

    It limits nobody, remembers no answers and has no worker, unless `settings` say otherwise.
    """
    port = free_port()
    env = {name: one for name, one in os.environ.items() if not name.startswith("CMS_")}
    env |= {"CMS_DATA_DIR": str(config.data_dir), "CMS_DATABASE_URL": config.database_url}
    env |= {"CMS_SECRET": config.secret, "PORT": str(port), "CMS_WORKERS": str(WORKERS)}
    env |= {"CMS_RATE_LIMITS": "off", "CMS_WORKER": "off", "CMS_RESPONSE_CACHE": "off"}
    env |= settings
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(SERVE, env=env, start_new_session=True, **quiet)
    try:
        _wait(process, port)
        yield port, process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """The server and its workers, which lead process groups of their own: none may drain."""
    with suppress(psutil.NoSuchProcess):
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("The server did not start.")
