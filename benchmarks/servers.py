"""The servers that are measured: the same granian each time, in front of something else."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, NamedTuple

import psutil
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from cms import create_app
from cms.cli.settling import settled
from cms.config import Config

THREADS = 4
START_SECONDS = 120
# An interpreter of its own for each: nothing is inherited from what measures.
SPAWN = multiprocessing.get_context("spawn")


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The least that a WSGI application can do: as many bytes as its path says."""
    body = _bytes(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


@cache
def _bytes(path: str) -> bytes:
    return b"." * int(path[1:] or 0)


def empty() -> Flask:
    """The least that a Flask application can do."""
    app = Flask("empty", static_folder=None)
    app.add_url_rule("/", view_func=lambda: "")
    return app


# What stands behind each server, by name.
APPLICATIONS: dict[str, Callable[[Config], Any]] = {
    "bare": lambda _config: bare,
    "empty": lambda _config: empty(),
    "site": lambda config: settled(create_app(config)),
}


class Held(NamedTuple):
    """Bytes of a process: all that is resident; without pages of files, which are the system's;
    and its share, where processes have pages together.
    """

    resident: int
    anonymous: int
    share: int


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """What the server has used so far, worker and all."""
        family = [self.process, *self.process.children(recursive=True)]
        times = [member.cpu_times() for member in family]
        return sum(one.user + one.system for one in times)

    def memory(self) -> Held:
        """What its worker holds."""
        workers = [one.memory_full_info() for one in self.process.children(recursive=True)]
        most = max(workers, key=lambda one: one.rss)
        return Held(most.rss, most.rss - most.shared, most.pss)


@contextmanager
def running(
    wanted: Mapping[str, tuple[str, Config]], core: int | None = None
) -> Iterator[dict[str, Running]]:
    """A server for each name: which application, and over which site."""
    ports = {name: _free_port() for name in wanted}
    children = {
        name: SPAWN.Process(target=_serve, args=(application, ports[name], config, core))
        for name, (application, config) in wanted.items()
    }
    try:
        with _without_main():
            for child in children.values():
                child.start()
        for name, port in ports.items():
            _wait(children[name], port)
        yield {
            name: Running(port, psutil.Process(children[name].pid)) for name, port in ports.items()
        }
    finally:
        _stop([child for child in children.values() if child.is_alive()])


@contextmanager
def _without_main() -> Iterator[None]:
    """Servers load what they serve; by itself, a new interpreter loads our main program as well."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _stop(children: Sequence[BaseProcess]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        child.join(timeout=20)
        if child.is_alive():
            child.kill()
            child.join()


def _serve(name: str, port: int, config: Config, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, [core])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Granian starts its worker in the way of this platform, not in the way that we were started.
    multiprocessing.set_start_method(None, force=True)
    # As `cms serve` starts it, with a single worker.
    server = Granian(
        name,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(_load, name, config), wrap_loader=False)


def _load(name: str, config: Config) -> Any:
    return APPLICATIONS[name](config)


def _end_with_parent() -> None:
    """Outlive no benchmark, not even one that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _wait(process: BaseProcess, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.is_alive():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("A server did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
