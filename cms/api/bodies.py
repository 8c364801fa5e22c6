"""Take a request's body in before a view runs, so that slow senders never hold every thread.

The server hands a thread to a request as soon as its head is there; reading the body then waits
for the sender, and can not be told to stop. So only some threads of a process may wait for bodies
at a time, fewer of them for one client, and whoever is not done in time is cut off. Whoever comes
beyond them is asked to come again, and readers are answered meanwhile. For whom the management does
not know, nothing that is sent there is waited for. A proxy that buffers requests does this better
still; this is for sites that have none.
"""

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO, RawIOBase
from typing import Any

from flask import Flask

from cms.api import identity
from cms.api.address import address_of
from cms.api.deadlines import Deadlines
from cms.api.refusing import refuse
from cms.api.rooms import Rooms, shared_out
from cms.config import Config
from cms.errors import CmsError, TooBusy
from cms.services.limits import subject_of_address

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
# A chunk of one byte: its size, the byte, and the end of either line.
CHUNK_OF_ONE = len("1\r\nx\r\n")

Environ = dict[str, Any]
Start = Callable[..., Any]


class TooSlow(CmsError):
    status = 408
    retry_after = 2

    def __init__(self) -> None:
        detail = "The body did not arrive in time. Nothing was changed; try again."
        super().__init__(detail, reason="body_too_slow")


class Unread(RawIOBase):
    """A body that nobody waited for. To read it raises the reason."""

    def __init__(self, reason: Exception) -> None:
        self._reason = reason

    def readinto(self, _buffer: Any) -> int:
        raise self._reason


def init_app(app: Flask) -> None:
    config = app.config["CMS"]
    prove = partial(identity.prove, app)
    app.wsgi_app = buffered(app.wsgi_app, shared_out(config.threads), config, prove)


def most_of_upload(config: Config) -> int:
    """The longest body with a file in it."""
    return config.media_max_bytes + ROOM_FOR_FIELDS


def most_bytes(environ: Environ, config: Config) -> int:
    """How long a body may be at this address: only people who are signed in write long texts."""
    if _is_upload(environ):
        return most_of_upload(config)
    most = config.max_body_bytes
    return most if _is_for_editors(environ) else min(most, MOST_FROM_STRANGERS)


def buffered(
    inner: Callable[..., Any], rooms: Rooms, config: Config, prove: Callable[[Environ], None]
) -> Any:
    """A WSGI application that reads bodies some at a time, to just beyond what they may have.

    `prove` raises for a request of somebody unknown.
    """
    receiver = Receiver(rooms, config, prove)

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        most = most_bytes(environ, config) + 1
        if _has_body(environ, most):
            try:
                environ["wsgi.input"] = receiver.body(environ, most)
            except (TooBusy, TooSlow) as error:
                return refuse(environ, start_response, error)
        return inner(environ, start_response)

    return application


class Receiver:
    """Waits for bodies: each in its room, and no longer than it may take."""

    def __init__(self, rooms: Rooms, config: Config, prove: Callable[[Environ], None]) -> None:
        self._rooms, self._config, self._prove = rooms, config, prove
        self._deadlines = Deadlines()

    def body(self, environ: Environ, most: int) -> BytesIO | Unread:
        """What a view reads. Raises TooBusy and TooSlow."""
        if _is_for_editors(environ):
            try:
                self._prove(environ)
            except Exception as reason:
                # The guard of these routes asks again, and answers better than is done here.
                return Unread(reason)
        return BytesIO(self._read(environ, most))

    def _read(self, environ: Environ, most: int) -> bytes:
        is_upload = _is_upload(environ)
        places = self._rooms.files if is_upload else self._rooms.forms
        place = places.take(subject_of_address(address_of(environ, self._config)))
        if place is None:
            raise TooBusy("Too many requests are still being sent. Nothing was changed; try again.")
        try:
            seconds = UPLOAD_DEADLINE if is_upload else DEADLINE
            with self._deadlines.kept(environ, seconds, _on_wire(environ, most)) as wait:
                body = environ["wsgi.input"].read(_size(environ, most))
        finally:
            places.leave(place)
        if wait.passed:
            raise TooSlow
        return body


def _is_upload(environ: Environ) -> bool:
    return (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")) in UPLOADS


def _is_for_editors(environ: Environ) -> bool:
    # As Flask will read it: any number of slashes at the start is one.
    return ("/" + environ["PATH_INFO"].lstrip("/")).startswith(EDITORS_ONLY)


def _has_body(environ: Environ, most: int) -> bool:
    """Whether there is a body to read: none that is announced as too long is."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        return length.isdecimal() and 0 < int(length) <= most
    return "HTTP_TRANSFER_ENCODING" in environ


def _size(environ: Environ, most: int) -> int:
    return int(environ.get("CONTENT_LENGTH") or most)


def _on_wire(environ: Environ, most: int) -> int:
    """The most that its connection brings for a body."""
    return int(environ.get("CONTENT_LENGTH") or most * CHUNK_OF_ONE)
