"""Which pages of other origins may read which answers: one row for each audience.

Own code because the public half runs on every read, and needs two headers and no decisions.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from cms.config import Config

Headers = list[tuple[str, str]]

EXPOSED = ("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, X-Request-Id")
MAX_AGE = ("Access-Control-Max-Age", "600")
FOR_ANYONE = [("Access-Control-Allow-Origin", "*"), EXPOSED]
PUBLIC_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "Content-Type, Authorization, Idempotency-Key, If-None-Match"),
    MAX_AGE,
]
EDITOR_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "Content-Type, Authorization, If-Match, X-CSRF-Token"),
    MAX_AGE,
]
# Everything else is public. With the slash: `/authors` is for everybody.
EDITORS_ONLY = ("/api/v1/manage/", "/api/v1/auth/")


def trusted_origins(config: Config) -> set[str]:
    """The origins whose pages may act for a signed-in person."""
    address = urlsplit(config.api_url)
    return {f"{address.scheme}://{address.netloc}", *config.allowed_origins}


def policy(config: Config) -> Callable[[dict[str, Any], Headers], None]:
    """What adds the headers of this policy to an answer, given its WSGI environment."""
    trusted = trusted_origins(config)

    def add(environ: dict[str, Any], headers: Headers) -> None:
        preflight = environ["REQUEST_METHOD"] == "OPTIONS"
        if not _path(environ).startswith(EDITORS_ONLY):
            headers += FOR_ANYONE + PUBLIC_PREFLIGHT if preflight else FOR_ANYONE
            return
        headers.append(("Vary", "Origin"))
        origin = environ.get("HTTP_ORIGIN")
        if origin in trusted:
            headers += (
                _for_editors(origin) + EDITOR_PREFLIGHT if preflight else _for_editors(origin)
            )

    return add


def _for_editors(origin: str) -> Headers:
    allowed = ("Access-Control-Allow-Origin", origin)
    return [allowed, ("Access-Control-Allow-Credentials", "true"), EXPOSED]


def _path(environ: dict[str, Any]) -> str:
    # As Flask will read it: any number of slashes at the start is one.
    return "/" + environ["PATH_INFO"].lstrip("/")
