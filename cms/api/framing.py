"""Whatever is chunked is the last on its connection, so nothing that hides behind it is answered.

A proxy that goes by `Content-Length` and a server that goes by `Transfer-Encoding` take the end of
one request for the beginning of another. Our server goes by the latter and drops the length, as RFC
9112 allows, so that a request with both can not be told from a chunked one.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from cms.api.refusing import refuse
from cms.errors import Malformed

CHUNKED = "HTTP_TRANSFER_ENCODING"
# They have nothing to send, in chunks or otherwise.
WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}
CLOSING = ("Connection", "close")

Environ = dict[str, Any]
Start = Callable[..., Any]


def init_app(app: Flask) -> None:
    app.wsgi_app = framed(app.wsgi_app)


def framed(inner: Callable[..., Any]) -> Any:
    """A WSGI application that ends the connection of each chunked request with its answer."""

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        if CHUNKED not in environ:
            return inner(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, CLOSING], *rest)

        if environ["REQUEST_METHOD"] in WITHOUT_BODY:
            detail = "This method takes no body, and so no Transfer-Encoding."
            return refuse(environ, start, Malformed(detail, reason="bad_request"))
        return inner(environ, start)

    return application
