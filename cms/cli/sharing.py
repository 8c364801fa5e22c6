"""Who gets new connections: every place of a worker at which somebody takes them.

The kernel shares them out among the sockets of one port, whether or not anybody is there. Where
connections wait from one look to the next, the worker stands still: others get what comes, until it
has taken what waits. Only Linux can be told so.
"""

import ctypes
import socket
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress

# Of Linux; Python's `socket` does not name them.
ATTACH, DETACH = 51, 68
# `tcpi_unacked` of `struct tcp_info`: of a socket that listens, how many connections wait there.
WAITING = struct.Struct("=24xI")
# Steps of a classic BPF program: a random number, its remainder, a comparison, an answer.
RANDOM, REMAINDER, IS, ANSWER = (0x20, 0xFFFFF000 + 56), 0x94, 0x15, 0x06


class Sharing:
    def __init__(self, listening: Sequence[socket.socket]) -> None:
        self._listening = listening
        self._before: set[int] = set()
        self._left_out: set[int] = set()
        # Who had these sockets before may have left some out.
        if sys.platform == "linux":
            share_among(listening, set())

    def look(self) -> None:
        """Called again and again, not too soon after one another. Raises OSError."""
        if sys.platform != "linux" or len(self._listening) == 1:
            return
        now = {place for place, one in enumerate(self._listening) if waiting(one)}
        stuck = (self._before | self._left_out) & now
        self._before = now
        if stuck != self._left_out:
            share_among(self._listening, set(range(len(self._listening))) - stuck)
            self._left_out = stuck


def waiting(one: socket.socket) -> int:
    """How many connections wait at this place to be taken."""
    known = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, WAITING.size)
    return WAITING.unpack(known)[0]


def share_among(listening: Sequence[socket.socket], places: set[int]) -> None:
    """Have new connections come to these places alone; to all, where that is none or every one.

    Raises OSError where the system takes no such program.
    """
    if not places or len(places) == len(listening):
        with suppress(OSError):
            listening[0].setsockopt(socket.SOL_SOCKET, DETACH, 0)
        return
    steps = program(sorted(places))
    held = ctypes.create_string_buffer(steps)
    listening[0].setsockopt(
        socket.SOL_SOCKET, ATTACH, struct.pack("@HP", len(steps) // 8, ctypes.addressof(held))
    )


def program(places: Sequence[int]) -> bytes:
    """Answers one of the places, each as often."""
    steps = [_step(RANDOM[0], RANDOM[1]), _step(REMAINDER, len(places))]
    for number, place in enumerate(places[1:]):
        # If it is this number, go on; else skip the answer.
        steps += [_step(IS, number, else_skip=1), _step(ANSWER, place)]
    return b"".join([*steps, _step(ANSWER, places[0])])


def _step(code: int, value: int, else_skip: int = 0) -> bytes:
    return struct.pack("=HBBI", code, 0, else_skip, value)
