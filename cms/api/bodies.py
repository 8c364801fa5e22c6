"""Take a request's body in before a view runs, so that slow senders never hold every thread.

The server hands a thread to a request as soon as its head is there; reading the body then waits
for the sender, and can not be told to stop. So only some threads of a process may wait for bodies
at a time, fewer of them for one client, and whoever is not done in time is cut off. Whoever comes
beyond them is asked to come again, and readers are answered meanwhile. A proxy that buffers
requests does this better still; this is for sites that have none.
"""

import threading
import time
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

# How long a request waits for a body that does not come, before it is sent away, in seconds.
PATIENCE = 0.1
# How long it waits behind bodies that come one after another.
LONGEST_WAIT = 5.0
RETRY_AFTER = "2"
# How long a body may take, in seconds: 2 MB at 1.6 Mbit/s.
DEADLINE = 10.0
# What strangers send is a form. The longest comment fits, with every letter escaped.
MOST_FROM_STRANGERS = 64_000
EDITORS_ONLY = "/api/v1/manage/"
# The routes that take files, under limits of their own.
UPLOADS = {
    ("POST", "/api/v1/manage/media"),
    ("POST", "/api/v1/manage/comments/import"),
}
# Beside its file, an upload has a few fields.
ROOM_FOR_FIELDS = 100_000
# The largest file at 0.5 Mbit/s.
UPLOAD_DEADLINE = 320.0

Environ = dict[str, Any]
Start = Callable[..., Any]


def init_app(app: Flask) -> None:
    config = app.config["CMS"]
    app.wsgi_app = buffered(app.wsgi_app, Places(config.threads - 2), config)


class Place(NamedTuple):
    """That a client's body is waited for, since a moment of the monotonic clock."""

    client: str
    since: float


class Places:
    """Threads that may wait for bodies at a time: half of them, at most, for one client."""

    def __init__(self, number: int) -> None:
        self._number = max(1, number)
        self._each = max(1, number // 2)
        self._held: list[Place] = []
        self._change = threading.Condition()

    def take(self, client: str) -> Place | None:
        """Wait for a place, and answer it, to be given to `leave`; None where there was none.

        Who waits behind quick senders waits on; behind slow ones, PATIENCE and no longer.
        """
        with self._change:
            if not self._wait(client):
                return None
            place = Place(client, time.monotonic())
            self._held.append(place)
            return place

    def leave(self, place: Place) -> None:
        with self._change:
            self._held.remove(place)
            self._change.notify_all()

    def _wait(self, client: str) -> bool:
        last = time.monotonic() + LONGEST_WAIT
        while before := self._before(client):
            now = time.monotonic()
            if now >= last or all(now - since >= PATIENCE for since in before):
                return False
            self._change.wait(PATIENCE)
        return True

    def _before(self, client: str) -> list[float]:
        """Since when those have their places who must leave one first."""
        own = [place.since for place in self._held if place.client == client]
        if len(own) >= self._each:
            return own
        everyone = [place.since for place in self._held]
        return everyone if len(everyone) >= self._number else []


def most_of_upload(config: Config) -> int:
    """The longest body with a file in it."""
    return config.media_max_bytes + ROOM_FOR_FIELDS


def most_bytes(environ: Environ, config: Config) -> int:
    """How long a body may be at this address: only people who are signed in write long texts."""
    if _is_upload(environ):
        return most_of_upload(config)
    path = "/" + environ["PATH_INFO"].lstrip("/")
    most = config.max_body_bytes
    return most if path.startswith(EDITORS_ONLY) else min(most, MOST_FROM_STRANGERS)


def buffered(inner: Callable[..., Any], places: Places, config: Config) -> Any:
    """A WSGI application that reads bodies some at a time, to just beyond what they may have."""

    deadlines = Deadlines()

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        most = most_bytes(environ, config) + 1
        if not _has_body(environ, most):
            return inner(environ, start_response)
        client = subject_of_address(address_of(environ, config))
        place = places.take(client)
        if place is None:
            return _refuse(environ, start_response, TOO_BUSY)
        try:
            allowed = UPLOAD_DEADLINE if _is_upload(environ) else DEADLINE
            with deadlines.kept(environ, allowed) as wait:
                body = environ["wsgi.input"].read(_size(environ, most))
        finally:
            places.leave(place)
        if wait.passed:
            return _refuse(environ, start_response, TOO_SLOW)
        environ["wsgi.input"] = BytesIO(body)
        return inner(environ, start_response)

    return application


def _is_upload(environ: Environ) -> bool:
    return (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")) in UPLOADS


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
