"""Take a request's body in before a view runs, so that slow senders never hold every thread.

The server hands a thread to a request as soon as its head is there; reading the body then waits
for the sender, for as long as that likes. So only some threads of a process may wait for bodies at
a time: whoever comes beyond them is asked to come again, and readers are answered meanwhile. A
proxy that buffers requests does this better still; this is for sites that have none.
"""

import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import orjson
from flask import Flask

from cms.api.problems import PROBLEM_JSON, members
from cms.config import Config

# How long a request waits for others' bodies before it is sent away, in seconds.
PATIENCE = 0.1
RETRY_AFTER = "2"
# What strangers send is a form. The longest comment fits, with every letter escaped.
MOST_FROM_STRANGERS = 64_000
EDITORS_ONLY = "/api/v1/manage/"


def init_app(app: Flask) -> None:
    config = app.config["CMS"]
    readers = threading.BoundedSemaphore(max(1, config.threads - 2))
    app.wsgi_app = buffered(app.wsgi_app, readers, config)


def most_bytes(environ: dict[str, Any], config: Config) -> int:
    """How long a body may be at this address: only people who are signed in write long texts."""
    path = "/" + environ["PATH_INFO"].lstrip("/")
    most = config.max_body_bytes
    return most if path.startswith(EDITORS_ONLY) else min(most, MOST_FROM_STRANGERS)


def buffered(inner: Callable[..., Any], readers: threading.Semaphore, config: Config) -> Any:
    """A WSGI application that reads bodies some at a time, to just beyond what they may have."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        most = most_bytes(environ, config) + 1
        if not _has_body(environ, most):
            return inner(environ, start_response)
        if not readers.acquire(timeout=PATIENCE):
            return _refuse(environ, start_response)
        try:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(_size(environ, most)))
        finally:
            readers.release()
        return inner(environ, start_response)

    return application


def _has_body(environ: dict[str, Any], most: int) -> bool:
    """Whether there is a body to read: none that is announced as too long is."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        return length.isdecimal() and 0 < int(length) <= most
    return "HTTP_TRANSFER_ENCODING" in environ


def _size(environ: dict[str, Any], most: int) -> int:
    return int(environ.get("CONTENT_LENGTH") or most)


def _refuse(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    detail = "Too many requests are still being sent. Nothing was changed; try again."
    problem = members(environ, 503, reason="too_busy", detail=detail)
    headers = [("Content-Type", PROBLEM_JSON), ("Cache-Control", "no-store")]
    start_response("503 Service Unavailable", [*headers, ("Retry-After", RETRY_AFTER)])
    return [orjson.dumps(problem)]
