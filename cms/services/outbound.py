"""The one client for calls that the site makes: to checked addresses, bounded in time and size.

urllib3 speaks HTTP and TLS. What is added: it connects to the very address that was checked, so no
second look-up can lead elsewhere; no redirect is followed, no proxy of the environment asked; and
the whole call has a deadline, where urllib3 knows one for each wait alone.
"""

import http.client
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

from cms.config import Config
from cms.services import outbound_addresses
from cms.services.outbound_addresses import Refused, Target, Unresolved

log = logging.getLogger(__name__)
# The longest of one wait, and of the whole call after its name was looked up.
WAIT_SECONDS = 5
TOTAL_SECONDS = 10
# Of an answer's body, what is read at the most.
EXCERPT_BYTES = 1024
# Of several addresses, so many are tried.
MOST_ADDRESSES = 3


class Failed(Exception):
    """Nothing came back that is an answer; the message says what happened, in a few words."""


class Unreachable(OSError):
    """The system knows no way to an address."""


@dataclass(frozen=True)
class Answer:
    """`retry_after` is the header, as it came; `excerpt` the first bytes of the body."""

    status: int
    retry_after: str
    excerpt: bytes


class Deadline:
    """Ends whatever a socket waits for when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._handle: socket.socket | None = None

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._handle is not None:
            self._handle.close()

    @property
    def left(self) -> float:
        return max(0.01, self._end - time.monotonic())

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def watch(self, connection: socket.socket) -> None:
        # A handle of its own: TLS takes the socket object over, and not the connection.
        self._handle = socket.socket(fileno=os.dup(connection.fileno()))
        if self.is_over:
            # The timer found nothing to cut.
            self._cut()

    def _cut(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


class _ToChecked:
    """Connects to one of the addresses that were checked. The name stays for `Host` and TLS."""

    def __init__(self, *args: Any, checked: list[str], deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._checked, self._deadline = checked[:MOST_ADDRESSES], deadline

    def _new_conn(self) -> socket.socket:
        last: OSError = TimeoutError()
        for address in self._checked:
            try:
                wait = min(WAIT_SECONDS, self._deadline.left)
                made = socket.create_connection((address, self.port), wait)
            except OSError as error:
                last = error
                continue
            made.settimeout(WAIT_SECONDS)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._deadline.watch(made)
            return made
        cause = last if isinstance(last, TimeoutError | ConnectionError) else Unreachable()
        # By itself, urllib3 would take one that was reset for sent, and go on without a socket.
        raise NewConnectionError(self, "No address could be reached.") from cause


class _PlainConnection(_ToChecked, HTTPConnection):
    pass


class _TlsConnection(_ToChecked, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


# How a call fails that is met by no answer.
EXPECTED = (HTTPError, OSError, http.client.HTTPException, ValueError)
POOLS = {"http": _PlainPool, "https": _TlsPool}


def post(url: str, body: bytes, headers: Mapping[str, str], config: Config) -> Answer:
    """Send a POST and answer what came back, whatever its status.

    Takes at most 15 seconds. Raises Failed, also for an address that may not be called, and nothing
    else: who sends has to keep what came of it, or it would be sent again and again.
    """
    try:
        place = outbound_addresses.target(url)
        checked = outbound_addresses.addresses(place, config)
    except (Refused, Unresolved) as error:
        raise Failed(str(error)) from None
    with Deadline(TOTAL_SECONDS) as deadline:
        try:
            return _posted(place, checked, deadline, body, headers)
        except Exception as error:
            # A library that is cut off in the middle may stumble in its own ways.
            if not isinstance(error, EXPECTED) and not deadline.is_over:
                log.exception("A call to a receiver failed in an unknown way.")
            raise Failed(_told(error, deadline)) from error


def _posted(
    place: Target, checked: list[str], deadline: Deadline, body: bytes, headers: Mapping[str, str]
) -> Answer:
    wait = Timeout(connect=WAIT_SECONDS, read=WAIT_SECONDS)
    known = {"timeout": wait, "checked": checked, "deadline": deadline}
    with POOLS[place.scheme](place.host, place.port, **known) as pool:
        answer = pool.urlopen(
            "POST",
            place.path,
            body=body,
            headers=dict(headers),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        if deadline.is_over:
            # A head that was cut off ends like a whole one.
            raise TimeoutError
        excerpt = b""
        # The status is the answer; what comes after it is only shown.
        with suppress(Exception), closing(answer):
            excerpt = answer.read1(EXCERPT_BYTES)
    return Answer(answer.status, answer.headers.get("Retry-After", ""), excerpt[:EXCERPT_BYTES])


def _told(error: Exception, deadline: Deadline) -> str:
    """What happened, by its kind: an error's own text may hold addresses and bytes."""
    if deadline.is_over:
        return TOO_LONG
    known = (told for one in _causes(error) for kind, told in FAILURES if isinstance(one, kind))
    return next(known, "No answer that is HTTP came back.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The innermost first: libraries wrap what the system said."""
    if error is not None:
        yield from _causes(error.__cause__ or error.__context__)
        yield error


TOO_LONG = "It took too long."
BROKEN_OFF = "The connection was broken off."
FAILURES: list[tuple[type[BaseException], str]] = [
    (TimeoutError, TOO_LONG),
    (ConnectionRefusedError, "The connection was refused."),
    (http.client.RemoteDisconnected, "The connection was closed without an answer."),
    (ConnectionError, BROKEN_OFF),
    (Unreachable, "The address can not be reached."),
    (ssl.SSLCertVerificationError, "The certificate can not be trusted."),
    (ssl.SSLEOFError, BROKEN_OFF),
    (ssl.SSLZeroReturnError, BROKEN_OFF),
    (ssl.SSLError, "TLS could not be agreed."),
    # A connection that was there, and is not any more.
    (OSError, BROKEN_OFF),
]
