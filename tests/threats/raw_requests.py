"""Bytes to a real server, and the answers that come back on that connection until it is closed."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, NamedTuple

# Longer than the server waits for the rest of a head, or of a body.
PATIENCE = 15


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class _Bytes:
    """What `http.client` reads an answer from."""

    def __init__(self, given: bytes) -> None:
        self.file = BytesIO(given)

    def makefile(self, *_: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def close(self) -> None:
        """Several answers are read from the same bytes."""


def talk(port: int, raw: bytes) -> list[Answered]:
    """Send bytes; all that is answered until the server closes, or says nothing for long."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as one:
        with suppress(OSError):
            one.sendall(raw)
        said = _said_on(one)
    return answers_in(said, "HEAD" if raw.startswith(b"HEAD ") else "GET")


def answers_in(said: bytes, method: str) -> list[Answered]:
    """Raises HTTPException where there is something else between answers."""
    source, found = _Bytes(said), []
    while source.file.tell() < len(said):
        answer = http.client.HTTPResponse(source, method=method)
        answer.begin()
        named = {name.title(): value for name, value in answer.getheaders()}
        found.append(Answered(answer.status, named, answer.read()))
    return found


@contextmanager
def begun(port: int, raw: bytes) -> Iterator[socket.socket]:
    """A connection on which something was sent, and that stays open."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as one:
        one.sendall(raw)
        yield one


def statuses_on(one: socket.socket) -> list[int]:
    """Of all that is answered on a connection until it is closed, or says nothing for long."""
    return [answer.status for answer in answers_in(_said_on(one), "GET")]


def _said_on(one: socket.socket) -> bytes:
    said = b""
    with suppress(ConnectionError, TimeoutError):
        while part := one.recv(65_536):
            said += part
    return said
