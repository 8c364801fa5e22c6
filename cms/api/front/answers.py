"""One finished answer in memory, and what of it a request gets: whole, compressed, or 304."""

import gzip
from collections.abc import Iterable, Mapping
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Any

from cms.api.conditional import Finished, is_known
from cms.kept_bytes import exact
from cms.models import Kind
from cms.services.beside import BESIDE
from cms.services.generation import EVERYTHING

# What keeping an answer costs besides its bytes, and besides each key.
OVERHEAD, OVERHEAD_EACH = 900, 130
# Below this, compressing gains nothing; above, it pays from the second time on.
WORTH_COMPRESSING = 1_000
LEVEL = 6
# What tells how much of a long answer is left of it compressed.
PIECE = 64_000
LONGEST_DATE = 40
# Longer headers are more than some proxies take.
MOST_SURROGATES = 2_000
# What a single text is one of. Its place among them is no key of a purge.
KINDS = {Kind.POST: "list:post", BESIDE: "list:post", Kind.FAQ: "list:faq"}

Headers = list[tuple[str, str]]


class Answer:
    """Bytes and headers, and what they depend on. Times are in milliseconds since 1970."""

    __slots__ = ("body", "changed_at", "compressed", "etag", "head", "keys", "route", "said")
    __slots__ += ("size", "told", "typed", "until")

    def __init__(self, finished: Finished, also: Headers, route: str) -> None:
        # None where the compressed bytes are kept alone.
        self.body: bytes | None = exact(finished.body)
        self.etag = finished.etag
        # The first is `Cache-Control`, which depends on when it is said.
        self.head = [*finished.headers[1:], *also]
        self.typed = ("Content-Type", finished.content_type)
        # A set of them would take six times as much.
        self.keys = tuple(finished.keys or [EVERYTHING])
        self.until, self.told = finished.until, finished.told
        # Its template: no more of an address is told in logs.
        self.route = route
        self.compressed: bytes | None = None
        self.said = 0
        # Since when it is what it is; None where nobody knows.
        self.changed_at: int | None = None
        self.size = len(self.body) + OVERHEAD + OVERHEAD_EACH * len(self.keys)

    def say(self, header: str, value: str) -> None:
        """One more header, of this answer alone."""
        self.head.append((header, value))
        self.size += len(value)

    @property
    def compressed_etag(self) -> str:
        return f'{self.etag[:-1]}-gzip"'

    def whole(self) -> bytes:
        """Its bytes as they were made."""
        return gzip.decompress(self.compressed) if self.body is None else self.body

    def compress(self) -> int:
        """Keep the compressed bytes as well; answer how many they are."""
        # No time in it: every process makes the same bytes, under the same ETag.
        self.compressed = gzip.compress(self.body, LEVEL, mtime=0)
        return len(self.compressed)

    def pack(self, most: int) -> None:
        """Keep the compressed bytes alone, if these are no more than `most`, as far as a piece of
        them tells; before anybody else has this answer.
        """
        piece = self.body[:PIECE]
        if len(gzip.compress(piece, LEVEL)) * len(self.body) <= most * len(piece):
            self.size += self.compress() - len(self.body)
            self.body = None

    def is_known(self, environ: Mapping[str, Any], now: int, *, compressed: bool) -> str | None:
        """The ETag under which the client has this already; None where it does not."""
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted is not None:
            etags = [self.compressed_etag, self.etag] if compressed else [self.etag]
            return next((etag for etag in etags if is_known(wanted, etag)), None)
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        known = since is not None and self._is_unmodified(since, now)
        return self.etag if known else None

    def last_modified(self, now: int) -> int | None:
        """In seconds. Only once that second is over: within it, two states could share it."""
        if self.changed_at is None:
            return None
        second = -(-self.changed_at // 1000)
        return second if second * 1000 <= now else None

    def _is_unmodified(self, since: str, now: int) -> bool:
        # Strangers choose what is remembered: no more of it than a date has.
        asked = _seconds(since) if len(since) < LONGEST_DATE else None
        modified = self.last_modified(now)
        return modified is not None and asked is not None and modified <= asked <= now // 1000


def surrogates(keys: Iterable[str]) -> str:
    """The keys as a CDN takes them; where there are none, or too many, the one of every purge.

    A purge names what was changed, not who shows it by now; and none is sent when what was planned
    begins. So whoever shows a single text carries the key of all of its kind, which is purged
    whenever another one comes, goes or is planned: that may be its neighbour, or its translation.
    """
    found = set(keys)
    found |= {KINDS[kind] for kind in (key.partition(":")[0] for key in keys) if kind in KINDS}
    named = " ".join(sorted(key for key in found if not key.startswith(BESIDE)))
    return named if named and len(named) <= MOST_SURROGATES else EVERYTHING


def modified_header(seconds: int) -> tuple[str, str]:
    return ("Last-Modified", _date(seconds))


_date = lru_cache(maxsize=256)(lambda seconds: formatdate(seconds, usegmt=True))


@lru_cache(maxsize=256)
def _seconds(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def takes_gzip(accepted: str | None) -> bool:
    """Whether an `Accept-Encoding` asks for gzip by name or by `*`, and not with a weight of 0."""
    return accepted is not None and len(accepted) <= 200 and _takes_gzip(accepted)


@lru_cache(maxsize=256)
def _takes_gzip(accepted: str) -> bool:
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, rest = part.partition(";")
        weights[coding.strip()] = _weight(rest)
    named = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return named > 0


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == "q" and 0 <= weight <= 1 else 0.0
