"""`/metrics` on a port of its own: each server process listens there, and any of them answers for
all. So it is there as long as one of them is."""

import logging
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from flask import Flask

from cms.config import Config

log = logging.getLogger(__name__)
# The library's own variable: where its files are.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# In memory. On a disk that is full, writing to a mapped file would end the process.
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there


@contextmanager
def shared(config: Config) -> Iterator[Config]:
    """The settings of processes that are begun inside, which share their numbers."""
    if not config.metrics_port:
        yield config
        return
    place = tempfile.mkdtemp(
        prefix="cms-metrics-", dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    )
    os.environ[VARIABLE] = place
    try:
        yield replace(config, metrics_folder=place)
    finally:
        del os.environ[VARIABLE]
        shutil.rmtree(place, ignore_errors=True)


def start(app: Flask) -> None:
    """Answer scrapers, where this process counts anything."""
    metrics = app.extensions.get("cms_metrics")
    if metrics is None:
        return
    config: Config = app.config["CMS"]
    try:
        server = Server((config.metrics_host, config.metrics_port), Quiet)
    except OSError as error:
        # Readers do not need it.
        log.warning("No /metrics on port %s: %s", config.metrics_port, error.strerror)
        return
    server.set_app(_page(metrics))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    metrics.watch()


def _page(metrics: Any) -> Callable[..., Iterable[bytes]]:
    from prometheus_client.exposition import make_wsgi_app

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/metrics":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"See /metrics.\n"]
        metrics.look()
        return make_wsgi_app(metrics.page())(environ, start_response)

    return application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        self.address_family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # The library would look its own name up, which may take long.
        for option in ("SO_REUSEADDR", "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()


class Quiet(WSGIRequestHandler):
    # Who connects and says nothing has a thread for so long, in seconds.
    timeout = 10

    def log_message(self, *_: Any) -> None:
        pass
