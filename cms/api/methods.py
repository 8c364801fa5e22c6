"""A method is a word in capitals, as it came.

The server passes `get` and `post` on, and Flask takes them for GET and POST, while the layers
before it go by the word itself: they would hold such a request to other rules than its view does.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from cms.api.refusing import refuse
from cms.errors import CmsError


class UnknownMethod(CmsError):
    status = 501

    def __init__(self) -> None:
        detail = "Nothing here knows this method: methods are words in capitals."
        super().__init__(detail, reason="unknown_method")


def init_app(app: Flask) -> None:
    app.wsgi_app = in_capitals(app.wsgi_app)


def in_capitals(inner: Callable[..., Any]) -> Any:
    """A WSGI application that lets no other method reach another."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"].isupper():
            return inner(environ, start)
        return refuse(environ, start, UnknownMethod())

    return application
