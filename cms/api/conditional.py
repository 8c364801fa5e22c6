"""`If-Match` on changes, `ETag` on answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import xxhash
from flask import request

from cms.errors import Malformed, VersionRequired

NUMBERED = re.compile(r'"(0|[1-9][0-9]{0,8})"')

PUBLIC = "public, max-age=0, must-revalidate"
# What stands before Flask may send it compressed, so every cache must keep both apart.
VARY = ("Vary", "Accept-Encoding")
# Where what stands before Flask waits for the answer that a view has finished.
AWAITED = "cms.awaited"
JSON = "application/json"


def expected_version() -> int | None:
    """The version that the client changed; None for `*`.

    Raises VersionRequired without the header, Malformed for one that no answer of ours ever had.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise VersionRequired(
            "Send If-Match with the object's ETag, or `*`.", reason="version_required"
        )
    if header == "*":
        return None
    match = NUMBERED.fullmatch(header.removeprefix("W/"))
    if match is None:
        raise Malformed('If-Match must be one ETag like "3", or `*`.', reason="bad_if_match")
    return int(match[1])


def version_if_sent() -> int | None:
    """The same where a change needs no header; None without one. Raises Malformed."""
    return expected_version() if "If-Match" in request.headers else None


class Finished:
    """A public answer that goes out as it is: every header is there, and nothing is to be closed.

    A WSGI application like any response, without what would make it open to change. Answers 304
    to who has these bytes already, by a strong ETag of them.

    `keys` are those of all that it shows or depends on, as changes touch them
    (`services.generation`); without any, it is good until anything public changes. `until` is
    when it stops being true by itself, where that is no flip of a publication: in milliseconds
    since 1970. `told` is called each time that somebody gets it, out of memory, too.
    """

    def __init__(
        self,
        body: bytes,
        extra: Mapping[str, str] | None = None,
        content_type: str = JSON,
        *,
        keys: Iterable[str] = (),
        until: int | None = None,
        told: Callable[[], None] | None = None,
    ) -> None:
        self.body, self.content_type = body, content_type
        self.headers = [("Cache-Control", PUBLIC), VARY, *(extra or {}).items()]
        self.keys, self.until = frozenset(keys), until
        self.told = told
        # Nobody gains from two bodies with one ETag, so a quick hash does.
        self.etag = f'"{xxhash.xxh3_128_hexdigest(body)}"'

    def __call__(self, environ: Mapping[str, Any], start_response: Any) -> list[bytes]:
        awaited = environ.get(AWAITED)
        if awaited is not None:
            awaited.append(self)
        elif self.told is not None:
            self.told()
        headers = [("ETag", self.etag), *self.headers]
        if is_known(environ.get("HTTP_IF_NONE_MATCH"), self.etag):
            start_response("304 Not Modified", headers)
            return []
        headers += [("Content-Type", self.content_type), ("Content-Length", str(len(self.body)))]
        start_response("200 OK", headers)
        return [self.body] if environ["REQUEST_METHOD"] != "HEAD" else []


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the header names this ETag. A proxy may have marked it as weak."""
    # A header that is not there must not equal an ETag that is not there.
    if if_none_match is None:
        return False
    names = [name.strip().removeprefix("W/") for name in if_none_match.split(",")]
    return etag in names or names == ["*"]
