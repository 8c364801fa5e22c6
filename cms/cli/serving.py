"""The production server: worker processes that start together and end together.

Granian's own command line can neither say when the server answers nor end its workers when it is
killed itself, so it is embedded here.
"""

import gc
import http.client
import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from filelock import FileLock, Timeout
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import WorkerProcess

from cms import create_app
from cms.cli import scraping
from cms.cli.beside import Attendant
from cms.config import Config, ConfigError

# How long requests may still take when the server is told to end.
LAST_SECONDS = 10
# How soon a worker that has not ended is told again.
AGAIN_SECONDS = 0.5
# How long a head may take, and how long a connection may be idle, in milliseconds.
HEAD_MILLISECONDS = 5_000
# Connections that one process holds open. Half-sent heads cost little; refusing others does not.
MOST_CONNECTIONS = 10_000
# Files of a process that are not connections.
OTHER_FILES = 200
ENDING = {signal.SIGINT, signal.SIGTERM}
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - names, not an address to open


@contextmanager
def data_folder_held(config: Config) -> Iterator[None]:
    """Keep a second server out of the data folder. Raises ConfigError where one runs."""
    if not config.data_dir.is_dir():
        raise ConfigError(
            f"There is no data folder {config.data_dir.resolve()}. Run `cms init` first,"
            " or set CMS_DATA_DIR to the folder of your site."
        )
    lock = FileLock(config.data_dir / "serve.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ConfigError(
            f"Another server already uses the data folder {config.data_dir.resolve()}."
            " Stop it, or set CMS_DATA_DIR to another folder."
        ) from None
    try:
        yield
    finally:
        lock.release()


def with_free_ports(config: Config) -> Config:
    """The settings, with a real number for port 0. Raises ConfigError for a port that is taken.

    Workers share their port, so a second server would start without complaint and take half of
    the requests.
    """
    if config.metrics_port:
        _bind_once(config.metrics_host, config.metrics_port, "CMS_METRICS_PORT")
    return replace(config, port=_bind_once(config.host, config.port, "PORT"))


def _bind_once(host: str, port: int, setting: str) -> int:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return probe.getsockname()[1]
    except OSError as error:
        raise ConfigError(
            f"Can not listen on {host}, port {port}: {error.strerror}."
            f" Stop what uses it, or set {setting} to another."
        ) from None


def address_of(config: Config) -> str:
    """Where this machine reaches the server."""
    host = EVERY_ADDRESS.get(config.host, config.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{config.port}"


def serve(config: Config, ready: Callable[[], Any]) -> None:
    """Serve until a signal comes. `ready` is called once, when the server answers.

    The caller holds the data folder and has no connection open: workers are forked.
    """
    server = Server(
        "cms",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers or cores(),
        blocking_threads=config.threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=most_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_SECONDS,
    )
    attendant = Attendant(config)
    server.when_ready = partial(_call_when_answering, config, ready, attendant.start)
    server.on_startup(_end_with_terminal(server))
    try:
        with scraping.shared(config) as config:
            server.serve(target_loader=partial(load, config), wrap_loader=False)
    finally:
        attendant.end()


class Server(Granian):
    """Granian, which says when its workers are started."""

    when_ready: Callable[[], None]

    def startup(self, *args: Any, **kwargs: Any) -> None:
        # A new worker still has its parent's handlers: it would take note, and never end.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        super().startup(*args, **kwargs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        # After the workers are forked: a fork must not copy a thread's locks.
        threading.Thread(target=self.when_ready, daemon=True).start()

    def _spawn_worker(self, *args: Any, **kwargs: Any) -> "Worker":
        worker = super()._spawn_worker(*args, **kwargs)
        worker.__class__ = Worker
        return worker


class Worker(WorkerProcess):
    """A worker process that is told to end until it does, and that one thread alone waits for.

    The system says once that a process has ended. Granian asks from two threads, and takes a
    worker for alive, kills it and complains when the other thread was told.
    """

    def _watch(self) -> None:
        self._watching = threading.Thread(target=self._watcher)
        self._watching.start()

    def join(self, timeout: float | None = None) -> None:
        """Called when it was told. A worker that was about to wait for a signal may miss it."""
        last = time.monotonic() + (timeout or LAST_SECONDS)
        while self.is_alive() and time.monotonic() < last:
            self._watching.join(AGAIN_SECONDS)
            self.inner.terminate()

    def is_alive(self) -> bool:
        return self._watching.is_alive()


def load(config: Config) -> Flask:
    """What every worker runs first."""
    for one in ENDING:
        signal.signal(one, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    # Ctrl-C goes to a whole process group; here the parent alone decides, and ends its workers.
    os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    app = create_app(config)
    scraping.start(app)
    return settled(app)


def settled(app: Flask) -> Flask:
    """The application, with all that was loaded so far out of the garbage collector's way.

    It never becomes garbage, and looking through it again and again costs a tenth of each request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return app


def _end_with_parent() -> None:
    """Outlive no parent, not even one that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)


def _end_with_terminal(server: Granian) -> Callable[[], None]:
    """Granian takes a closed terminal for a wish to reload; a server under `nohup` ignores it."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    handler = signal.SIG_IGN if ignored else server.signal_handler_interrupt
    return lambda: signal.signal(signal.SIGHUP, handler) and None


def _call_when_answering(config: Config, *ready: Callable[[], Any]) -> None:
    while not _answers(config):
        time.sleep(0.05)
    for call in ready:
        call()


def _answers(config: Config) -> bool:
    host = EVERY_ADDRESS.get(config.host, config.host)
    connection = http.client.HTTPConnection(host, config.port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    return False


def most_connections() -> int:
    """How many connections a process may hold, once it may have as many files as it can get."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, files - OTHER_FILES)


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
