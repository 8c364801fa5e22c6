"""How a worker process ends: it takes no new connection, answers on those that it has, and goes.

Told to end, granian closes every connection on which it has read nothing, or nothing since its last
answer. A client that is sending just then sees a reset. So granian is told last: when there is no
connection left, or none that is idle.
"""

import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask

from cms.api.cutting import own_sockets

# SIGTERM asks to end gently; SIGINT, or a second signal, to end with what is under way.
ENDING = {signal.SIGINT, signal.SIGTERM}
LOOK_EVERY = 0.1
# How long granian may take from the application to the first connection.
BEGUN_WITHIN = 2.0


class Ending:
    """Waits for a signal, in a thread of its own: in every other one they have to be blocked.

    A handler would run in the main thread, and a signal that comes just before that thread waits
    would wake nobody.
    """

    # None until it is loaded.
    app: Flask | None = None

    def __init__(self, listening: socket.socket, idle_seconds: float) -> None:
        """`idle_seconds` is how long a connection may say nothing, before it is closed anyway."""
        self._listening = listening
        self._port = listening.getsockname()[1]
        self._longest = idle_seconds + 2 * LOOK_EVERY

    def begin(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        told = signal.sigwait(ENDING)
        if self.app is not None and told == signal.SIGTERM and self._has_begun():
            take_no_more(self._listening)
            self.app.wsgi_app = saying_goodbye(self.app.wsgi_app)
            self._wait_for_connections()
        end_granian()

    def _has_begun(self) -> bool:
        """Wait until granian takes connections: it fails loudly on a socket that is no more it."""
        last = time.monotonic() + BEGUN_WITHIN
        while time.monotonic() < last:
            if is_looked_at(self._listening):
                return True
            time.sleep(LOOK_EVERY / 10)
        return False

    def _wait_for_connections(self) -> None:
        last = time.monotonic() + self._longest
        while time.monotonic() < last:
            if signal.sigtimedwait(ENDING, LOOK_EVERY) or not connections(self._port):
                return


def is_looked_at(listening: socket.socket) -> bool:
    """Whether this process waits for connections there; so it seems where no system says so."""
    if sys.platform != "linux":
        return True
    wanted = re.compile(rf"^tfd:\s+{listening.fileno()}\s", re.MULTILINE)
    for kept in Path("/proc/self/fdinfo").iterdir():
        # It may be closed by now.
        with suppress(OSError):
            if wanted.search(kept.read_text()):
                return True
    return False


def take_no_more(listening: socket.socket) -> None:
    """Leave new connections to whoever has this socket next.

    Granian goes on to ask its listener for connections, and can not be told not to. So under the
    same number there is from now on a socket to which nobody connects.
    """
    if sys.platform == "linux":
        with socket.socket(socket.AF_UNIX) as nobody:
            nobody.bind("")
            nobody.listen()
            nobody.setblocking(False)
            os.dup2(nobody.fileno(), listening.fileno(), inheritable=False)


def saying_goodbye(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Each answer is the last on its connection, and tells the client so."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *rest)

        return application(environ, start)

    return answer


def connections(port: int) -> int:
    """How many clients this process holds at its port; 0 where the system can not say."""
    number = 0
    for one in own_sockets():
        with one, suppress(OSError):
            one.getpeername()
            address = one.getsockname()
            number += isinstance(address, tuple) and address[1] == port
    return number


def end_granian() -> None:
    """Call the handler that granian has set, once: it ends when what is under way is done."""
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        # It does not serve yet.
        os._exit(0)
    handler(signal.SIGTERM, None)
