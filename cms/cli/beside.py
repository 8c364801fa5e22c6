"""The worker beside a server: a process of its own, begun again when it dies, gone with the server.

It is a new program rather than a fork: the server has threads by then, and a fork copies the locks
that they hold.
"""

import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress

from cms import create_app
from cms.cli.worker import end_at_signal
from cms.config import Config
from cms.worker import Worker

log = logging.getLogger(__name__)
CHILD = [sys.executable, "-c", "from cms.cli.beside import child; child()"]
# How long a worker may take to end, and how soon after its begin another one follows.
LAST_SECONDS = 10
APART_SECONDS = 5


class Attendant:
    """Keeps one worker running beside this process, from `start` to `end`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._changing = threading.Lock()

    def start(self) -> None:
        if self._config.worker:
            threading.Thread(target=self._keep, daemon=True).start()

    def end(self) -> None:
        """End the worker, and wait for it."""
        self._ending.set()
        with self._changing:
            if self._process is not None:
                _end(self._process)

    def _keep(self) -> None:
        while not self._ending.is_set():
            began = time.monotonic()
            try:
                self._attend()
            except OSError as error:
                log.warning("The worker beside the server can not be begun: %s", error)
            self._ending.wait(max(0.0, began + APART_SECONDS - time.monotonic()))

    def _attend(self) -> None:
        """Begin a worker, and wait for its end."""
        with self._changing:
            self._process = None if self._ending.is_set() else begun(self._config)
        if self._process is not None:
            code = self._process.wait()
            if not self._ending.is_set():
                log.warning("The worker beside the server ended (%s).", code)


def begun(config: Config) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, which does not outlive this one. Raises OSError."""
    # Ctrl-C goes to a whole process group; here the parent alone decides.
    process = subprocess.Popen(CHILD, stdin=subprocess.PIPE, process_group=0)  # noqa: S603
    with suppress(BrokenPipeError):
        pickle.dump(config, process.stdin)
        process.stdin.flush()
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(LAST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def child() -> None:
    """What the process runs. Its standard input gives the settings, and ends with the parent."""
    try:
        config = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it
    except (EOFError, pickle.UnpicklingError):
        # The parent was killed before it had said what to do.
        return
    work = Worker(create_app(config))
    threading.Thread(target=_end_with_parent, args=(work,), daemon=True).start()
    end_at_signal(work)
    work.run()


def _end_with_parent(work: Worker) -> None:
    # Not by `sys.stdin`: a process can not end while a thread waits for that.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    work.end()
    time.sleep(LAST_SECONDS)
    os._exit(1)
