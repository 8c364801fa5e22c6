"""Bytes that are kept for long."""


def exact(made: bytes) -> bytes:
    """A copy that takes as much memory as it has bytes.

    What a JSON writer hands out lies in a buffer several times as long.
    """
    return bytes(memoryview(made))
