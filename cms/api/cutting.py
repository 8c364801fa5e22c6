"""End the wait for a sender that does not go on.

The server gives a request neither its socket nor its port, and its blocking read can not be told
to stop; to answer while one is under way would stop the whole process. But the kernel knows each
connection, when we last sent something on it, and how much it brought. One that we owe nothing,
from the address of a body that is overdue, and that brought no more than this may, is that body's
or idle: to end its incoming side ends the read, and an answer can still go out. Only Linux tells;
elsewhere a slow sender keeps its thread.
"""

import os
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

SOCKETS = Path("/proc/self/fd")
# Of Linux's `struct tcp_info`: `tcpi_last_data_sent` in milliseconds, and `tcpi_bytes_received`.
TCP_INFO = struct.Struct("=44xI80xQ")
# The kernel counts in ticks.
SLACK = 0.5


class Connection(NamedTuple):
    """`number` is its own while it lasts; `received` are bytes since it was opened."""

    number: int
    silence: float
    received: int
    socket: socket.socket

    def cut(self) -> None:
        """Take nothing more from it."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RD)


# Of connections, those that are to be cut.
Choice = Callable[[list[Connection]], Iterable[Connection]]


def cut_silent(client: str, port: int, seconds: float, choice: Choice) -> None:
    """Cut those of this client's connections that we sent nothing for so long and are chosen.

    `port` is ours.
    """
    with ExitStack() as held:
        for one in choice(list(_silent(held, client, port, seconds))):
            one.cut()


def received() -> dict[int, int]:
    """How much each connection of this process brought so far, by its number."""
    found = {}
    for one in own_sockets():
        with closing(one), suppress(OSError):
            if _is_tcp(one):
                known = _known(one)
                found[known.number] = known.received
    return found


def own_sockets() -> Iterator[socket.socket]:
    """A second handle of every socket of this process: what is looked at is what is cut."""
    names = os.listdir(SOCKETS) if SOCKETS.is_dir() else []
    for name in names:
        with suppress(OSError):
            if os.readlink(SOCKETS / name).startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(name)))


def _silent(held: ExitStack, client: str, port: int, seconds: float) -> Iterator[Connection]:
    for one in own_sockets():
        if _is_silent(one, client, port, seconds):
            held.enter_context(closing(one))
            yield _known(one)
        else:
            one.close()


def _is_silent(one: socket.socket, client: str, port: int, seconds: float) -> bool:
    with suppress(OSError, ValueError):
        return _is_from(one, client, port) and _known(one).silence >= seconds - SLACK
    return False


def _is_from(one: socket.socket, client: str, port: int) -> bool:
    if not _is_tcp(one):
        return False
    peer = one.getpeername()[0].partition("%")[0]
    return one.getsockname()[1] == port and ip_address(peer) == ip_address(client)


def _is_tcp(one: socket.socket) -> bool:
    return one.family in (socket.AF_INET, socket.AF_INET6) and one.type == socket.SOCK_STREAM


def _known(one: socket.socket) -> Connection:
    told = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    # Where the kernel tells less, everybody counts as one that brought nothing.
    milliseconds, brought = TCP_INFO.unpack(told.ljust(TCP_INFO.size, b"\0"))
    return Connection(os.fstat(one.fileno()).st_ino, milliseconds / 1000, brought, one)
