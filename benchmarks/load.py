"""A load generator: a few kept connections, each of which always waits for one answer.

Our own, because a bare machine has none. It does little for each answer, so that one core of it
can keep one core of a server busy; and it takes no answer on trust.
"""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle

CONNECTIONS = 16
# A server that says nothing for so long is broken.
PATIENCE = 60
# What one read takes in. One run at a time uses it.
ROOM = memoryview(bytearray(262_144))


class BadAnswer(Exception):
    """An answer that was not asked for: what was measured is then not what it is called."""


@dataclass
class Measured:
    """One run: how long it took, and how long each answer took."""

    seconds: float = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


@dataclass(slots=True)
class Connection:
    socket: socket.socket
    sent_at: float = 0
    pending: bytes = b""


def request(path: str, headers: Sequence[str] = ()) -> bytes:
    """The bytes that ask for a path."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode("ascii")


def run(port: int, requests: Iterable[bytes], *, status: int, seconds: float) -> Measured:
    """Ask, in order and around, as fast as answers come. Raises BadAnswer, TimeoutError."""
    found = Measured()
    # What has no end is not kept to be repeated.
    following = cycle(requests) if isinstance(requests, Sequence) else iter(requests)
    with ExitStack() as open_sockets, selectors.DefaultSelector() as selector:
        start = time.perf_counter()
        for _ in range(CONNECTIONS):
            connection = Connection(open_sockets.enter_context(_connect(port)))
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            _send(connection, following)
        _exchange(selector, following, found, b"%d" % status, start + seconds)
        found.seconds = time.perf_counter() - start
    return found


def fetch(port: int, requests: Sequence[bytes]) -> list[bytes]:
    """Whole answers, one after the other, head and body."""
    with opened(port) as one:
        return [exchanged(one, wanted) for wanted in requests]


def opened(port: int) -> socket.socket:
    """A connection that is waited on."""
    connection = _connect(port)
    connection.settimeout(PATIENCE)
    return connection


def exchanged(connection: socket.socket, wanted: bytes) -> bytes:
    """The whole answer to a request, head and body. Raises BadAnswer, OSError."""
    connection.sendall(wanted)
    answer = b""
    while not is_whole(answer):
        answer += _received(connection)
    return answer


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


def _send(connection: Connection, following: Iterator[bytes]) -> None:
    wanted = next(following)
    connection.sent_at = time.perf_counter()
    # A request is small, and the connection is idle: it always fits.
    if connection.socket.send(wanted) != len(wanted):
        raise BadAnswer("A request did not fit into a socket.")


def _exchange(
    selector: selectors.BaseSelector,
    following: Iterator[bytes],
    found: Measured,
    status: bytes,
    deadline: float,
) -> None:
    waiting = CONNECTIONS
    while waiting:
        ready = selector.select(PATIENCE)
        if not ready:
            raise TimeoutError(f"The server was silent for {PATIENCE} seconds.")
        for key, _ in ready:
            if not _answered(key.data, status):
                continue
            now = time.perf_counter()
            found.latencies.append(now - key.data.sent_at)
            # What was asked is waited for: the next run finds an idle server.
            if now < deadline:
                _send(key.data, following)
            else:
                waiting -= 1


def _answered(connection: Connection, status: bytes) -> bool:
    """Read what has come; whether it is the whole answer. Raises BadAnswer."""
    answer = connection.pending + _received(connection.socket)
    if not is_whole(answer):
        connection.pending = answer
        return False
    connection.pending = b""
    if answer[9:12] != status:
        raise BadAnswer(f"Expected {status.decode()}, got: {answer[:2000]!r}")
    return True


def _received(connection: socket.socket) -> bytes:
    # By itself, a socket makes room for the longest answer each time, which costs more than this.
    size = connection.recv_into(ROOM)
    if not size:
        raise BadAnswer("The server closed a connection.")
    return bytes(ROOM[:size])


def is_whole(answer: bytes) -> bool:
    """Whether the head and the announced body are there, and nothing else. Raises BadAnswer."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    missing = end + 4 + _length(answer[: end + 2].lower()) - len(answer)
    if missing < 0:
        raise BadAnswer("More came than was asked for.")
    return missing == 0


def _length(head: bytes) -> int:
    _, name, rest = head.partition(b"\r\ncontent-length: ")
    if name:
        return int(rest[: rest.index(b"\r")])
    if head[9:12] == b"304":
        return 0
    raise BadAnswer(f"An answer of unknown length: {head!r}")
