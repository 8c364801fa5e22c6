"""A server over a site that takes comments, which can be killed at any moment."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus

import psutil

from cms.config import Config
from tests.databases import free_port

WORKERS = 2
START_SECONDS = 60
# Each goes to one of the workers by chance.
CONNECTIONS = 8
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
    """Until each worker answers: a connection waits from the start at the place of one of them."""
    deadline = time.monotonic() + START_SECONDS
    answered = 0
    while answered < CONNECTIONS and time.monotonic() < deadline and process.poll() is None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)) as one:
            try:
                one.request("GET", "/healthz")
                answered += one.getresponse().status == HTTPStatus.OK
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
    if answered < CONNECTIONS:
        raise RuntimeError("The server did not start.")
