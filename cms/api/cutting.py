"""End the wait for a sender that does not go on.

The server gives a request neither its socket nor its port, and its blocking read can not be told
to stop; to answer while one is under way would stop the whole process. But the kernel knows each
connection, and when we last sent something on it. One that we owe nothing, from the address of a
body that is overdue, is that body's or idle: to end its incoming side ends the read, and an answer
can still go out. Only Linux tells; elsewhere a slow sender keeps its thread.
"""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from ipaddress import ip_address
from pathlib import Path

SOCKETS = Path("/proc/self/fd")
# `tcpi_last_data_sent` of Linux's `struct tcp_info`, in milliseconds.
LAST_SENT = struct.Struct("=44xI")
# The kernel counts in ticks.
SLACK = 0.5


def cut_silent(client: str, port: int, seconds: float) -> int:
    """Take nothing more from this client's connections that we sent nothing for so long.

    `port` is ours. Answers how many were cut.
    """
    cut = 0
    for one in own_sockets():
        with closing(one), suppress(OSError, ValueError):
            if _is_from(one, client, port) and _silence(one) >= seconds - SLACK:
                one.shutdown(socket.SHUT_RD)
                cut += 1
    return cut


def own_sockets() -> Iterator[socket.socket]:
    """A second handle of every socket of this process: what is looked at is what is cut."""
    names = os.listdir(SOCKETS) if SOCKETS.is_dir() else []
    for name in names:
        with suppress(OSError):
            if os.readlink(SOCKETS / name).startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(name)))


def _is_from(one: socket.socket, client: str, port: int) -> bool:
    if one.family not in (socket.AF_INET, socket.AF_INET6) or one.type != socket.SOCK_STREAM:
        return False
    peer = one.getpeername()[0].partition("%")[0]
    return one.getsockname()[1] == port and ip_address(peer) == ip_address(client)


def _silence(one: socket.socket) -> float:
    """Seconds since we last sent something."""
    known = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT.size)
    return LAST_SENT.unpack(known)[0] / 1000
