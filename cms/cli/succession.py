"""A new program takes over from the one that serves: new code, the same sockets, nobody refused.

The server starts it at SIGUSR2, and gives it the listening sockets. Once it answers, what served
before ends as its connections do; if it does not, nothing has changed. The first process stays in
any case: its number and its lock on the data folder remain.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import wait
from typing import Any

from cms.cli import scraping, serving
from cms.cli.listening import listening_at
from cms.cli.opening import opened
from cms.cli.server import GENTLE_SECONDS, HAND_OVER, Server
from cms.cli.worker_process import LAST_SECONDS
from cms.config import Config, ConfigError

log = logging.getLogger(__name__)
CHILD = [sys.executable, "-c", "from cms.cli.succession import child; child()"]
Program = subprocess.Popen[bytes]
# How long it may take until it answers.
START_SECONDS = 60
# How soon it is looked again meanwhile whether the server goes on, and its workers live.
STEP_SECONDS = 0.2
END_SECONDS = GENTLE_SECONDS + LAST_SECONDS + 5


def not_yet() -> None:
    """Let nobody's wish for a successor end this process before there is a server to honour it."""
    signal.signal(HAND_OVER, signal.SIG_IGN)


def serve(config: Config, ready: Callable[[], Any]) -> None:
    """Serve until a signal comes, by this program or a later one. `ready` is called once.

    The caller has begun with `not_yet`.
    """
    listening = listening_at(config.host, config.port, config.workers or serving.cores())
    with scraping.shared(config) as config:
        serving.serve(config, listening, ready, Successors(config, listening))


class Nobody:
    """Successors have none of their own: the first program alone begins them."""

    def pass_on(self, _server: Server) -> bool:
        return False

    def is_lost(self) -> bool:
        return False

    def end(self, is_hurried: Callable[[], bool]) -> None: ...


class Successors:
    """The program that serves now, if it is not the first one."""

    def __init__(self, config: Config, listening: Sequence[socket.socket]) -> None:
        self._config = config
        self._listening = listening
        self._present: Program | None = None

    def pass_on(self, server: Server) -> bool:
        """Start a successor, and end what served before. Whether it began to serve."""
        following = begun(self._config, self._listening, server)
        if following is None:
            log.error("The successor did not start; all goes on as before.")
            return False
        before, self._present = self._present, following
        if before is None:
            server.retire()
        else:
            end(before, lambda: server.hurried)
        return True

    def is_lost(self) -> bool:
        """Whether the one that serves has ended by itself."""
        return self._present is not None and self._present.poll() is not None

    def end(self, is_hurried: Callable[[], bool]) -> None:
        if self._present is not None:
            end(self._present, is_hurried)


def begun(config: Config, listening: Sequence[socket.socket], server: Server) -> Program | None:
    """A successor that answers. One that does not is ended, or could not even be begun."""
    try:
        following, told = _begun(config, [one.fileno() for one in listening])
    except OSError as error:
        log.error("No successor can be begun: %s", error)
        return None
    with told:
        if _answers(told, server):
            return following
    end(following, lambda: server.interrupt_signal)
    return None


def _begun(config: Config, numbers: list[int]) -> tuple[Program, socket.socket]:
    """It, and where it says that it answers; which is closed when it ends. Raises OSError."""
    told, telling = socket.socketpair()
    with told, telling:
        given = {"listening": numbers, "telling": telling.fileno(), "port": config.port}
        given |= {"metrics_folder": config.metrics_folder}
        # Ctrl-C goes to a whole process group; here the first process alone decides.
        process = subprocess.Popen(  # noqa: S603
            [*CHILD, json.dumps(given)],
            stdin=subprocess.PIPE,
            pass_fds=(*numbers, telling.fileno()),
            process_group=0,
        )
        return process, told.dup()


def _answers(told: socket.socket, server: Server) -> bool:
    """Whether it does in time. Meanwhile those that serve are looked after."""
    last = time.monotonic() + START_SECONDS
    while server.look_after_workers() and time.monotonic() < last:
        if wait([told], STEP_SECONDS):
            return bool(told.recv(1))
    return False


def end(process: Program, is_hurried: Callable[[], bool]) -> None:
    """Gently, until somebody is in a hurry, and in any case before long."""
    process.send_signal(signal.SIGTERM)
    last = time.monotonic() + END_SECONDS
    while process.poll() is None and time.monotonic() < last:
        if is_hurried():
            process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STEP_SECONDS)
    process.kill()
    process.wait()
    with suppress(BrokenPipeError):
        process.stdin.close()


def child() -> None:
    """What the program runs. Its standard input ends with the process that began it."""
    not_yet()
    given = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    here = replace(Config.from_env(), port=given["port"], metrics_folder=given["metrics_folder"])
    try:
        with opened(here):
            pass
    except ConfigError as error:
        raise SystemExit(str(error)) from None
    listening = [socket.socket(fileno=number) for number in given["listening"]]
    serving.serve(here, listening, lambda: os.write(given["telling"], b"1"), Nobody())


def _end_with_parent() -> None:
    # Not through Python's file, whose lock would be held when this process ends.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGINT)
