"""Granian over sockets that stay: workers come and go, and nobody who connects is refused.

By itself it has each worker open a socket. What waits there is reset when the worker ends, however
it ends. Here the sockets are the server's, one for each place of a worker: the kernel shares new
connections out evenly, and what waits at a place waits for whoever has it next.
"""

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from granian import Granian
from granian.net import SocketHolder
from granian.server.mp import WorkerProcess

from cms.cli.draining import ENDING
from cms.cli.sharing import Sharing

log = logging.getLogger(__name__)
# Connections that may wait until a worker takes them.
BACKLOG = 1024
# How long requests may still take when a worker is told to end at once.
LAST_SECONDS = 10
# How long a worker that ends gently may take, the time of idle connections included.
GENTLE_SECONDS = 20
# How soon a worker that has not ended is told again.
AGAIN_SECONDS = 0.5
# A worker that fails sooner, after one that did so too, can not be helped.
SOON_SECONDS = 5
LOOK_SECONDS = 1.0
HAND_OVER = signal.SIGUSR2


class Succession(Protocol):
    """Who serves after this program's own workers."""

    def pass_on(self, end_first: Callable[[], None]) -> None:
        """Begin a successor. Once it answers, end who served before: `end_first` ends our own."""

    def is_lost(self) -> bool:
        """Whether the present one has ended by itself."""

    def end(self, hurried: bool) -> None: ...


class Server(Granian):
    """Calls `when_ready` in a thread, once its workers are begun."""

    listening: Sequence[socket.socket]
    succession: Succession
    when_ready: Callable[[], None]
    before_retiring: Callable[[], None]
    hurried = False

    def _init_shared_socket(self) -> None:
        """It is there already."""

    def _drop_shared_socket(self) -> None:
        for one in self.listening:
            one.close()

    def startup(self, *args: Any, **kwargs: Any) -> None:
        # A new worker still has its parent's handlers: it would take note, and never end.
        with signals_held():
            super().startup(*args, **kwargs)
        signal.signal(HAND_OVER, self.signal_handler_reload)
        # After the workers are forked: a fork must not copy a thread's locks.
        threading.Thread(target=self.when_ready, daemon=True).start()

    def signal_handler_interrupt(self, number: int, *args: Any, **kwargs: Any) -> None:
        # Ctrl-C, and whoever asks a second time, does not want to wait for idle connections.
        self.hurried = self.interrupt_signal or number == signal.SIGINT
        super().signal_handler_interrupt(number, *args, **kwargs)

    def _serve_loop(self, *started_with: Any) -> None:
        """Until told to end. Granian's own ends where workers are killed one soon after another."""
        sharing = Sharing(self.listening)
        while not self.interrupt_signal:
            # A signal that comes just before this waits does not end the wait.
            self.main_loop_interrupt.wait(LOOK_SECONDS)
            self.main_loop_interrupt.clear()
            if not self.interrupt_signal:
                self._look_after_successor()
            if self.wrks:
                sharing.look()
            for index, worker in enumerate(self.wrks):
                if not worker.is_alive() and not self.interrupt_signal:
                    self._replace(index, worker, *started_with)

    def _look_after_successor(self) -> None:
        if self.reload_signal or self.succession.is_lost():
            self.reload_signal = False
            self.succession.pass_on(self._retire)
            if self.succession.is_lost():
                log.error("No successor starts: the server ends.")
                self.fail()

    def _retire(self) -> None:
        self.before_retiring()
        self.end_workers()

    def _replace(self, index: int, old: "Worker", target: Any, loader: Any) -> None:
        log.warning("A worker process ended (%s).", old.inner.exitcode)
        if old.failed_soon() and old.follows_failure:
            log.error("Its workers can not start: the server ends.")
            self.fail()
            return
        new = self._spawn_worker(idx=index, target=target, callback_loader=loader)
        new.follows_failure = old.failed_soon()
        with signals_held():
            new.start()
        self.wrks[index] = new

    def fail(self) -> None:
        """End, and have whoever started the server know that it failed."""
        self.interrupt_children.append(0)
        self.interrupt_signal = True

    def end_workers(self) -> None:
        """Gently, unless somebody is in a hurry."""
        for one in self.wrks:
            one.terminate()
        last = time.monotonic() + GENTLE_SECONDS
        while any(one.is_alive() for one in self.wrks) and time.monotonic() < last:
            if self.hurried:
                break
            time.sleep(0.05)
        super()._stop_workers()

    _stop_workers = end_workers

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable) -> "Worker":
        self._ssp, self._sso = None, self.listening[idx]
        self._shd = SocketHolder(self._sso.fileno(), False, BACKLOG)
        loader = partial(callback_loader, self.listening, idx)
        worker = super()._spawn_worker(idx=idx, target=target, callback_loader=loader)
        worker.__class__ = Worker
        return worker


class Worker(WorkerProcess):
    """A worker process that is told to end until it does, and that one thread alone waits for.

    The system says once that a process has ended. Granian asks from two threads, and takes a
    worker for alive, kills it and complains when the other thread was told.
    """

    follows_failure = False

    def _watch(self) -> None:
        self._ended = threading.Event()
        self._lived = 0.0
        threading.Thread(target=self._watcher).start()

    def _watcher(self) -> None:
        self.inner.join()
        self._lived = time.monotonic() - self.birth
        self._ended.set()
        self.parent.main_loop_interrupt.set()

    def join(self, timeout: float | None = None) -> None:
        """Called when it was told."""
        last = time.monotonic() + (timeout or LAST_SECONDS)
        while self.is_alive() and time.monotonic() < last:
            self._ended.wait(AGAIN_SECONDS)
            self.inner.terminate()

    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def failed_soon(self) -> bool:
        """Whether it went by itself, soon after its begin. Who was killed did not."""
        return self.inner.exitcode > 0 and self._lived < SOON_SECONDS


@contextmanager
def signals_held() -> Iterator[None]:
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def listening_at(host: str, port: int, places: int) -> list[socket.socket]:
    """A socket for each place of a worker, at one port. Raises OSError."""
    return [_listening_at(host, port) for _ in range(places)]


def _listening_at(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    one = socket.socket(family, kind)
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        one.setsockopt(socket.SOL_SOCKET, option, 1)
    # Connections that are accepted inherit it.
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    one.bind(address)
    one.listen(BACKLOG)
    return one
