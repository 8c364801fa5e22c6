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
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from granian import Granian
from granian.net import SocketHolder

from cms.cli.bell import Bell
from cms.cli.listening import BACKLOG
from cms.cli.sharing import Sharing
from cms.cli.worker_process import Worker, signals_held

log = logging.getLogger(__name__)
# How long a worker that ends gently may take, the time of idle connections included.
GENTLE_SECONDS = 20
LOOK_SECONDS = 1.0
HAND_OVER = signal.SIGUSR2


class Succession(Protocol):
    """Who serves after this program's own workers."""

    def pass_on(self, server: "Server") -> bool:
        """Whether a successor begins to serve; who served before ends, be it the server's own.

        Raises nothing where none starts, and gives up where the server is told to end.
        """

    def is_lost(self) -> bool:
        """Whether the present one has ended by itself."""

    def end(self, is_hurried: Callable[[], bool]) -> None:
        """Gently, until somebody is in a hurry."""


class Server(Granian):
    """Calls `when_ready` in a thread, once its workers are begun."""

    listening: Sequence[socket.socket]
    succession: Succession
    when_ready: Callable[[], None]
    before_retiring: Callable[[], None]
    hurried = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Granian's own is an Event, which its handlers of signals can stop for ever.
        self.main_loop_interrupt = Bell()

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
        self._started_with = started_with
        sharing = Sharing(self.listening)
        while not self.interrupt_signal:
            # A signal that comes just before this waits does not end the wait.
            self.main_loop_interrupt.wait(LOOK_SECONDS)
            self.main_loop_interrupt.clear()
            try:
                self._look(sharing)
            except Exception:
                # Nobody would look after what still serves.
                log.exception("The server ends: this was not foreseen.")
                self.fail()

    def _look(self, sharing: Sharing) -> None:
        if not self.interrupt_signal:
            self._look_after_successor()
        if self.wrks:
            # Connections are taken without it, too.
            with suppress(OSError):
                sharing.look()
        self.look_after_workers()

    def _look_after_successor(self) -> None:
        if self.reload_signal or self.succession.is_lost():
            self.reload_signal = False
            began = self.succession.pass_on(self)
            # One that began, and is lost already, has another at the next look.
            if not began and self.succession.is_lost() and not self.interrupt_signal:
                log.error("No successor starts: the server ends.")
                self.fail()

    def retire(self) -> None:
        """End what this process has: another one serves."""
        self.before_retiring()
        self.end_workers()

    def look_after_workers(self) -> bool:
        """Replace those that ended. Whether the server goes on."""
        for index, worker in enumerate(self.wrks):
            if not worker.is_alive() and not self.interrupt_signal:
                self._replace(index, worker)
        return not self.interrupt_signal

    def _replace(self, index: int, old: Worker) -> None:
        log.warning("A worker process ended (%s).", old.inner.exitcode)
        if old.failed_soon() and old.follows_failure:
            log.error("Its workers can not start: the server ends.")
            self.fail()
            return
        target, loader = self._started_with
        new = self._spawn_worker(idx=index, target=target, callback_loader=loader)
        new.follows_failure = old.failed_soon()
        try:
            with signals_held():
                new.start()
        except OSError as error:
            # The others go on, and the next look tries again.
            log.error("No other can be begun: %s", error.strerror)
            return
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

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable) -> Worker:
        self._ssp, self._sso = None, self.listening[idx]
        self._shd = SocketHolder(self._sso.fileno(), False, BACKLOG)
        loader = partial(callback_loader, self.listening, idx)
        worker = super()._spawn_worker(idx=idx, target=target, callback_loader=loader)
        worker.__class__ = Worker
        return worker
