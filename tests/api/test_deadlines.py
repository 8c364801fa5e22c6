"""Which connections may be those of a body that is overdue, going by what the kernel tells."""

import pytest

from cms.api.cutting import Connection
from cms.api.deadlines import Wait

pytestmark = pytest.mark.threat("B14")

# Numbers of connections, and what each had brought when the body began to be waited for.
IDLE, OURS, UPLOAD, KEPT = 1, 2, 3, 4
BEFORE = {IDLE: 500, OURS: 300, UPLOAD: 70_000, KEPT: 900_000}


def cut(*silent, looks=1, most=100):
    """The numbers of those that are cut at a look, the first one or a later one."""
    wait = Wait("192.0.2.1", 80, 10.0, most, before=BEFORE, cuts=looks)
    wait.since -= 10
    return [one.number for one in wait.suspects(list(silent))]


def connection(number, more, silence=10.1):
    return Connection(number, silence, BEFORE[number] + more, None)


def test_whoever_brought_more_than_the_body_has_is_not_it():
    silent = connection(IDLE, 0), connection(OURS, 99), connection(UPLOAD, 101)

    assert cut(*silent) == [IDLE, OURS]


def test_what_a_connection_brought_before_does_not_count():
    assert cut(connection(KEPT, 99)) == [KEPT]


def test_whoever_began_long_before_is_not_it():
    assert cut(connection(OURS, 1), connection(UPLOAD, 1, silence=30)) == [OURS]


def test_when_it_was_none_of_them_who_brought_least_follows():
    silent = connection(IDLE, 0), connection(UPLOAD, 9_000), connection(OURS, 800)

    assert [cut(*silent, looks=1), cut(*silent, looks=2)] == [[IDLE], [IDLE, OURS]]
