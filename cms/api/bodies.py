"""Take a request's body in before a view runs, so that slow senders never hold every thread.

The server hands a thread to a request as soon as its head is there; reading the body then waits
for the sender, and can not be told to stop. So only some threads of a process may wait for bodies
at a time, fewer of them for one client, and whoever is not done in time is cut off. Whoever comes
beyond them is asked to come again, and readers are answered meanwhile. Where only people who are
signed in may write, or only some of them, nothing of anybody else is waited for. A proxy that
buffers requests does this better still; this is for sites that have none.
"""

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO, RawIOBase
from time import monotonic
from typing import Any

from flask import Flask

from cms.api import identity
from cms.api.address import address_of
from cms.api.body_kinds import Environ, Kind, kind_of
from cms.api.deadlines import Deadlines
from cms.api.refusing import refuse
from cms.api.rooms import Rooms, shared_out
from cms.config import Config
from cms.errors import CmsError, TooBusy
from cms.permissions import Action
from cms.services.limits import subject_of_address

# A chunk of one byte: its size, the byte, and the end of either line.
CHUNK_OF_ONE = len("1\r\nx\r\n")
# Seconds that a body may take to arrive without it being asked again who sent it.
AT_ONCE = 0.05

# Raises for a request of somebody unknown, or who may not do this.
Prove = Callable[[Environ, Action | None], None]
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


def buffered(
    inner: Callable[..., Any], rooms: Rooms, config: Config, prove: Prove
) -> Callable[..., Any]:
    """A WSGI application that reads bodies some at a time, to just beyond what they may have."""
    receiver = Receiver(rooms, config, prove)

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        if _has_body(environ):
            try:
                receiver.take(environ)
            except (TooBusy, TooSlow) as error:
                return refuse(environ, start_response, error)
        return inner(environ, start_response)

    return application


class Receiver:
    """Waits for bodies: each in its room, and no longer than it may take."""

    def __init__(self, rooms: Rooms, config: Config, prove: Prove) -> None:
        self._rooms, self._config, self._prove = rooms, config, prove
        self._deadlines = Deadlines()

    def take(self, environ: Environ) -> None:
        """Put what a view reads in the place of what is still to come. Raises TooBusy, TooSlow."""
        kind = kind_of(environ)
        most = kind.most(self._config) + 1
        if _is_to_be_read(environ, most):
            environ["wsgi.input"] = self._body(environ, kind, most)

    def _body(self, environ: Environ, kind: Kind, most: int) -> BytesIO | Unread:
        if not kind.of_strangers:
            try:
                self._prove(environ, kind.action)
            except Exception as reason:
                # The guard of these routes asks again, and answers better than is done here.
                return Unread(reason)
        began = monotonic()
        body = self._read(environ, kind, most)
        if monotonic() - began > AT_ONCE:
            identity.forget(environ)
        return BytesIO(body)

    def _read(self, environ: Environ, kind: Kind, most: int) -> bytes:
        places = self._rooms.files if kind.is_file else self._rooms.forms
        place = places.take(subject_of_address(address_of(environ, self._config)))
        if place is None:
            raise TooBusy("Too many requests are still being sent. Nothing was changed; try again.")
        try:
            with self._deadlines.kept(environ, kind.seconds, _on_wire(environ, most)) as wait:
                body = environ["wsgi.input"].read(_size(environ, most))
        finally:
            places.leave(place)
        # Another body of the same sender may have been cut, and this connection with it.
        if wait.passed or len(body) < int(environ.get("CONTENT_LENGTH") or 0):
            raise TooSlow
        return body


def _has_body(environ: Environ) -> bool:
    return bool(environ.get("CONTENT_LENGTH")) or "HTTP_TRANSFER_ENCODING" in environ


def _is_to_be_read(environ: Environ, most: int) -> bool:
    """Not where it is announced as too long."""
    length = environ.get("CONTENT_LENGTH")
    return not length or (length.isdecimal() and 0 < int(length) <= most)


def _size(environ: Environ, most: int) -> int:
    return int(environ.get("CONTENT_LENGTH") or most)


def _on_wire(environ: Environ, most: int) -> int:
    """The most that its connection brings for a body."""
    return int(environ.get("CONTENT_LENGTH") or most * CHUNK_OF_ONE)
