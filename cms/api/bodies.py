"""Take a request's body in before a view runs, so that slow senders never hold every thread.

The server hands a thread to a request as soon as its head is there; reading the body then waits
for the sender, and can not be told to stop. So only some threads of a process may wait for bodies
at a time, fewer of them for one client, and whoever is not done in time is cut off. Whoever comes
beyond them is asked to come again, and readers are answered meanwhile. A proxy that buffers
requests does this better still; this is for sites that have none.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, NamedTuple

import orjson
from flask import Flask

from cms.api.address import address_of
from cms.api.deadlines import Deadlines
from cms.api.problems import PROBLEM_JSON, members
from cms.config import Config
from cms.services.limits import subject_of_address

# How long a request waits for others' bodies before it is sent away, in seconds.
PATIENCE = 0.1
RETRY_AFTER = "2"
# How long a body may take, in seconds: 2 MB at 1.6 Mbit/s.
DEADLINE = 10.0
# What strangers send is a form. The longest comment fits, with every letter escaped.
MOST_FROM_STRANGERS = 64_000
EDITORS_ONLY = "/api/v1/manage/"

Environ = dict[str, Any]
Start = Callable[..., Any]


def init_app(app: Flask) -> None:
    config = app.config["CMS"]
    app.wsgi_app = buffered(app.wsgi_app, Places(config.threads - 2), config)


class Places:
    """Threads that may wait for bodies at a time: half of them, at most, for one client."""

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, number))
        self._each = max(1, number // 2)
        self._held: Counter[str] = Counter()
        self._change = threading.Condition()

    def take(self, client: str) -> bool:
        """Wait PATIENCE for a place; whether there was one. `leave` gives it back."""
        with self._change:
            if not self._change.wait_for(lambda: self._held[client] < self._each, PATIENCE):
                return False
            self._held[client] += 1
        if self._free.acquire(timeout=PATIENCE):
            return True
        self._forget(client)
        return False

    def leave(self, client: str) -> None:
        self._free.release()
        self._forget(client)

    def _forget(self, client: str) -> None:
        with self._change:
            self._held[client] -= 1
            # Strangers choose the clients: only those who wait are remembered.
            self._held += Counter()
            self._change.notify_all()


def most_bytes(environ: Environ, config: Config) -> int:
    """How long a body may be at this address: only people who are signed in write long texts."""
    path = "/" + environ["PATH_INFO"].lstrip("/")
    most = config.max_body_bytes
    return most if path.startswith(EDITORS_ONLY) else min(most, MOST_FROM_STRANGERS)


def buffered(inner: Callable[..., Any], places: Places, config: Config) -> Any:
    """A WSGI application that reads bodies some at a time, to just beyond what they may have."""

    deadlines = Deadlines(DEADLINE)

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        most = most_bytes(environ, config) + 1
        if not _has_body(environ, most):
            return inner(environ, start_response)
        client = subject_of_address(address_of(environ, config))
        if not places.take(client):
            return _refuse(environ, start_response, TOO_BUSY)
        try:
            with deadlines.kept(environ) as wait:
                body = environ["wsgi.input"].read(_size(environ, most))
        finally:
            places.leave(client)
        if wait.passed:
            return _refuse(environ, start_response, TOO_SLOW)
        environ["wsgi.input"] = BytesIO(body)
        return inner(environ, start_response)

    return application


def _has_body(environ: Environ, most: int) -> bool:
    """Whether there is a body to read: none that is announced as too long is."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        return length.isdecimal() and 0 < int(length) <= most
    return "HTTP_TRANSFER_ENCODING" in environ


def _size(environ: Environ, most: int) -> int:
    return int(environ.get("CONTENT_LENGTH") or most)


class Refusal(NamedTuple):
    line: str
    reason: str
    detail: str


TOO_BUSY = Refusal(
    "503 Service Unavailable",
    reason="too_busy",
    detail="Too many requests are still being sent. Nothing was changed; try again.",
)
TOO_SLOW = Refusal(
    "408 Request Timeout",
    reason="body_too_slow",
    detail="The body did not arrive in time. Nothing was changed; try again.",
)


def _refuse(environ: Environ, start: Start, refusal: Refusal) -> Iterable[bytes]:
    status = int(refusal.line[:3])
    problem = members(environ, status, reason=refusal.reason, detail=refusal.detail)
    headers = [("Content-Type", PROBLEM_JSON), ("Cache-Control", "no-store")]
    start(refusal.line, [*headers, ("Retry-After", RETRY_AFTER)])
    return [orjson.dumps(problem)]
