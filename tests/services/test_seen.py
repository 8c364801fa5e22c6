"""Numbers in a short text."""

import pytest

from cms.services.seen import pack, unpack


@pytest.mark.parametrize(
    "numbers",
    [
        [],
        [0],
        [7],
        [127],
        [128],
        [0, 128, 256],
        [127, 128, 129],
        [16_383, 16_384],
        [5, 1, 2**31 - 1, 1],
        [3, 3],
    ],
)
def test_what_is_packed_is_unpacked_in_order(numbers):
    assert unpack(pack(numbers)) == sorted(numbers)


def test_a_thousand_numbers_are_short():
    numbers = list(range(7, 1_000_000, 1_000))

    assert unpack(pack(numbers)) == numbers
    assert len(pack(numbers)) < 2_700
    assert len(pack(range(500_000, 501_000))) < 1_400
