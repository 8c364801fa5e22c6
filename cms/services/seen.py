"""Numbers in a short text: what the pages of a search have shown so far, for its cursor.

They are put in order, and each is told by how much it is more than the one before: seven bits a
byte, the last byte below 128 (https://protobuf.dev/programming-guides/encoding/#varints). A
thousand numbers below a million take about 2,700 letters.
"""

import base64
from collections.abc import Iterable
from itertools import accumulate, pairwise


def pack(numbers: Iterable[int]) -> str:
    """Of numbers that are not negative."""
    found, known = bytearray(), [0, *sorted(numbers)]
    for before, number in pairwise(known):
        left = number - before
        while left > 127:
            found.append(left & 127 | 128)
            left >>= 7
        found.append(left)
    return base64.urlsafe_b64encode(found).decode().rstrip("=")


def unpack(text: str) -> list[int]:
    """Of what `pack` made: the same numbers, in order."""
    steps, step, shift = [], 0, 0
    for byte in base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)):
        step |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            steps.append(step)
            step = shift = 0
    return list(accumulate(steps))
