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

# The one route that takes files, under a limit of its own.
UPLOADS = ("POST", "/api/v1/manage/media")
# Beside its file, an upload has a few fields.
ROOM_FOR_FIELDS = 100_000
# How long a request waits for others' bodies before it is sent away, in seconds.
PATIENCE = 0.1
RETRY_AFTER = "2"


def init_app(app: Flask) -> None:
    config = app.config["CMS"]
    readers = threading.BoundedSemaphore(max(1, config.threads - 2))
    app.wsgi_app = buffered(
        app.wsgi_app, readers, config.max_body_bytes + 1, most_of_upload(config) + 1
    )


def most_of_upload(config: Config) -> int:
    """The longest body with a file in it."""
    return config.media_max_bytes + ROOM_FOR_FIELDS


def buffered(
    inner: Callable[..., Any], readers: threading.Semaphore, most_bytes: int, upload: int = 0
) -> Any:
    """A WSGI application that reads at most so many bytes of a body, some bodies at a time."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        most = upload if _is_upload(environ) else most_bytes
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


def _is_upload(environ: dict[str, Any]) -> bool:
    return (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")) == UPLOADS


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
