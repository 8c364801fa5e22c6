"""Flask, without what this site has no use for and every request would pay for."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, request_tearing_down
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from cms.api.conditional import Finished
from cms.api.routing import Adapter, Routes

# No address of ours is made from the host that was asked for.
NO_HOST = "localhost"


class NoSessions(SessionInterface):
    """Sessions are rows of the database, found by `cms.api.identity`; Flask keeps none."""

    def __init__(self) -> None:
        self._none = NullSession()

    def open_session(self, *_: Any) -> NullSession:
        # It refuses to be written to, so all requests can share it.
        return self._none


class Application(Flask):
    """A Flask application of plain functions: no coroutine is ever among its views and hooks."""

    session_interface = NoSessions()
    url_map_class = Routes

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes are the same whatever host was asked for, so nothing of it is read."""
        if request is None:
            return super().create_url_adapter(None)
        self.url_map.update()
        asked = request.root_path, "", request.scheme, request.path, request.method
        return Adapter(self.url_map, NO_HOST, *asked, request.query_string.decode("latin-1"))

    def make_response(self, rv: Any) -> Response | Finished:
        return rv if isinstance(rv, Finished) else super().make_response(rv)

    def process_response(self, response: Response | Finished) -> Response | Finished:
        # No hook has anything to add to it, and no session is kept.
        return response if isinstance(response, Finished) else super().process_response(response)

    def do_teardown_request(self, *exc: Any) -> None:
        # Whoever waits for the end waits for that of the application's context.
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(*exc)
