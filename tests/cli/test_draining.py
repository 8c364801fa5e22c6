"""When a worker process may give its listening socket away."""

import select
import socket
import sys

import pytest

from cms.cli.draining import is_looked_at

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def test_a_socket_is_looked_at_from_when_somebody_waits_there():
    with socket.socket() as one, socket.socket() as other, select.epoll() as waiting:
        assert not is_looked_at(one)
        waiting.register(one, select.EPOLLIN)
        assert is_looked_at(one)
        assert not is_looked_at(other)
