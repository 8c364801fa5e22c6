"""`cms` as a process of its own, in a data folder of its own."""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.databases import free_port

CMS = [sys.executable, "-c", "from cms.cli import main; main()"]
# A busy machine begins a server in half a minute.
SECONDS = 90
Start = Callable[..., subprocess.Popen[str]]


def settings(folder: Path) -> dict[str, str]:
    ours = {"CMS_DATA_DIR": str(folder / "data"), "PORT": str(free_port()), "CMS_WORKERS": "2"}
    # A process less to start; tests of the worker turn it on.
    ours["CMS_WORKER"] = "off"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CMS_")}
    return kept | ours


@contextmanager
def starting(env: dict[str, str]) -> Iterator[Start]:
    """`start(…)` starts commands; none of them outlives the block."""
    started = []

    def start(
        *command: str, program: Sequence[str] = CMS, **settings: str
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*program, *command],
            env=env | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait()
            process.stdout.close()


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    lines = []
    # A server that says nothing fails the test; it must not stop the run.
    with ending(process):
        for line in process.stdout:
            lines.append(line)
            if words in line:
                return lines
    raise AssertionError("".join(lines))


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=SECONDS)
    return process.returncode, output


def answers_in_time(port: str) -> bool:
    url = f"http://127.0.0.1:{port}/healthz"
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return answer.status == 200
        time.sleep(0.05)
    return False


def children(running: subprocess.Popen[str], number: int) -> list[psutil.Process]:
    """Those of a server, once there are as many."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = psutil.Process(running.pid).children(recursive=True)
        if len(found) == number:
            return found
        time.sleep(0.05)
    raise AssertionError(found)
