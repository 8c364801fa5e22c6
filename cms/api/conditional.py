"""`If-Match` on changes, `ETag` on answers."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from flask import Response, request

from cms.errors import Malformed, VersionRequired

NUMBERED = re.compile(r'"(\d{1,9})"')
Headers = list[tuple[str, str]]

PUBLIC = "public, max-age=0, must-revalidate"


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


class Finished(Response):
    """An answer that goes out as it is: every header is there, and nothing is to be closed."""

    default_mimetype = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(self.status, list(self.headers))
        return self.response if environ["REQUEST_METHOD"] != "HEAD" else []


def public_answer(body: bytes, extra: dict[str, str] | None = None) -> Response:
    """A public 200 with a strong ETag of its bytes, or 304 where the client has them."""
    # Of the strong hashes, the one that today's processors have instructions for.
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = [("ETag", etag), ("Cache-Control", PUBLIC), *(extra or {}).items()]
    if is_known(request.environ.get("HTTP_IF_NONE_MATCH"), etag):
        return Finished([], "304 NOT MODIFIED", headers)
    headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Finished([body], "200 OK", headers)


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the header names this ETag. A proxy may have marked it as weak."""
    if if_none_match is None:
        return False
    names = [name.strip().removeprefix("W/") for name in if_none_match.split(",")]
    return etag in names or names == ["*"]
