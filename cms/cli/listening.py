"""The sockets at which a server listens: one for each place of a worker."""

import socket

# Connections that may wait until a worker takes them.
BACKLOG = 1024


def listening_at(host: str, port: int, places: int) -> list[socket.socket]:
    """A socket for each place of a worker, at one port. Raises OSError."""
    return [_listening_at(host, port) for _ in range(places)]


def _listening_at(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    one = socket.socket(family, kind)
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        one.setsockopt(socket.SOL_SOCKET, option, 1)
    # Connections that are accepted inherit it.
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    one.bind(address)
    one.listen(BACKLOG)
    return one
