"""New connections come to the places where somebody takes them."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cms.cli.listening import listening_at
from cms.cli.sharing import Sharing, share_among, waiting
from tests.databases import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux can be told.")
MANY = 60


@pytest.fixture
def places() -> Iterator[list[socket.socket]]:
    with ExitStack() as held:
        places = listening_at("127.0.0.1", free_port(), 3)
        for one in places:
            held.enter_context(one).setblocking(False)
        yield places


def taken(places: list[socket.socket]) -> list[int]:
    """How many of `MANY` new connections each place was given; all of them are taken."""
    with ExitStack() as held:
        for _ in range(MANY):
            held.enter_context(socket.create_connection(places[0].getsockname()))
        return [take(one) for one in places]


def take(place: socket.socket) -> int:
    number = 0
    try:
        while True:
            place.accept()[0].close()
            number += 1
    except BlockingIOError:
        return number


def test_new_connections_come_to_those_that_are_named(places):
    share_among(places, {0, 2})
    first, second, third = taken(places)

    assert (first > 0, second, third > 0) == (True, 0, True)


def test_by_default_they_come_to_all(places):
    share_among(places, {1})
    share_among(places, set())

    assert all(taken(places))


def test_a_place_where_they_wait_is_left_out_until_it_has_taken_them(places):
    sharing = Sharing(places)
    with ExitStack() as held:
        while not waiting(places[0]):
            held.enter_context(socket.create_connection(places[0].getsockname()))
        take(places[1]), take(places[2])
        sharing.look(), sharing.look()

        waited = waiting(places[0])
        assert taken(places)[0] == waited, "Those that waited, and no other."

    sharing.look()

    assert all(taken(places))
