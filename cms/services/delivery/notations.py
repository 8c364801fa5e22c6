"""The notations of public bodies that are not stored: made when asked for, and then remembered."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import orjson
from orjson import Fragment

from cms import content
from cms.kept_bytes import exact

# In each process; and what remembering costs besides the bytes.
MOST_BYTES, OVERHEAD = 4_000_000, 300

MADE_FROM_HTML: dict[str, Callable[[str], Any]] = {
    "text": content.to_text,
    "blocks": content.to_blocks,
}


class Notations:
    """Finished JSON, the most recently used of it, up to a number of bytes.

    The key is a digest of the stored body: whatever is frozen anew has another.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._size = most, 0
        self._known: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, name: str, body: bytes | str, html: str) -> Fragment:
        """The notation `name` of a body: `body` as stored, `html` as it is in there."""
        raw = body.encode() if isinstance(body, str) else body
        key = name, hashlib.blake2b(raw, digest_size=16).digest()
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
        if found is None:
            found = exact(orjson.dumps(MADE_FROM_HTML[name](html)))
            self._keep(key, found)
        return Fragment(found)

    def _keep(self, key: tuple[str, bytes], made: bytes) -> None:
        with self._lock:
            if key not in self._known:
                self._known[key] = made
                self._size += len(made) + OVERHEAD
            while self._size > self._most:
                self._size -= len(self._known.popitem(last=False)[1]) + OVERHEAD


remembered = Notations()
