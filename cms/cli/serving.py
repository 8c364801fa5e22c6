"""The production server: worker processes that start together and end together.

Granian's own command line can neither say when the server answers nor end its workers when it is
killed itself, so it is embedded here.
"""

import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from multiprocessing.synchronize import Semaphore
from typing import Any

from filelock import FileLock, Timeout
from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from cms import create_app
from cms.cli import scraping
from cms.cli.beside import Attendant
from cms.cli.draining import ENDING, Ending
from cms.cli.listening import BACKLOG
from cms.cli.server import HAND_OVER, Server, Succession
from cms.cli.settling import settled
from cms.cli.worker_process import LAST_SECONDS
from cms.config import Config, ConfigError

# How long a head may take, and how long a connection may be idle, in milliseconds.
HEAD_MILLISECONDS = 5_000
# Connections that one process holds open. Half-sent heads cost little; refusing others does not.
MOST_CONNECTIONS = 10_000
# Files of a process that are not connections.
OTHER_FILES = 200
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


def serve(
    config: Config,
    listening: Sequence[socket.socket],
    ready: Callable[[], Any],
    succession: Succession,
) -> None:
    """Serve until a signal comes, by a worker for each of the sockets. `ready` is called once.

    The caller holds the data folder and has no connection open: workers are forked.
    """
    server = _server(config, len(listening))
    attendant, loaded = Attendant(config), multiprocessing.Semaphore(0)
    server.listening, server.succession = listening, succession
    server.before_retiring = attendant.end
    server.when_ready = partial(_call_when_loaded, loaded, len(listening), ready, attendant.start)
    server.on_startup(_end_with_terminal(server))
    try:
        server.serve(target_loader=partial(load, config, loaded), wrap_loader=False)
    finally:
        # None is left, unless the server did not end by itself.
        server.end_workers()
        attendant.end()
        succession.end(lambda: server.hurried)


def _server(config: Config, workers: int) -> Server:
    return Server(
        "cms",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=config.threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=most_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS),
        log_level=LogLevels.warning,
        workers_kill_timeout=LAST_SECONDS,
    )


def load(config: Config, loaded: Semaphore, listening: list[socket.socket], place: int) -> Flask:
    """What every worker runs first. It listens at one of the sockets."""
    for one in ENDING:
        signal.signal(one, signal.SIG_DFL)
    signal.signal(HAND_OVER, signal.SIG_IGN)
    # In this thread and all that it begins: `Ending` waits for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    ending = Ending(listening[place], HEAD_MILLISECONDS / 1000)
    ending.begin()
    for one in listening[:place] + listening[place + 1 :]:
        one.close()
    # Ctrl-C goes to a whole process group; here the parent alone decides, and ends its workers.
    os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    app = create_app(config)
    scraping.start(app)
    ending.app = settled(app)
    loaded.release()
    return app


def _end_with_parent() -> None:
    """Outlive no parent, not even one that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(LAST_SECONDS)
    os._exit(1)


def _end_with_terminal(server: Server) -> Callable[[], None]:
    """Granian takes a closed terminal for a wish to reload; a server under `nohup` ignores it."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    handler = signal.SIG_IGN if ignored else server.signal_handler_interrupt
    return lambda: signal.signal(signal.SIGHUP, handler) and None


def _call_when_loaded(loaded: Semaphore, workers: int, *ready: Callable[[], Any]) -> None:
    """From then on somebody takes what waits at each socket."""
    for _ in range(workers):
        loaded.acquire()
    for call in ready:
        call()


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
