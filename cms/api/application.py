"""Flask, without what this site has no use for and every request would pay for."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, request, request_finished, request_tearing_down
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from cms.api.conditional import Finished
from cms.api.contexts import NO_SESSION, Context, Surroundings
from cms.api.routing import Routes

# No address of ours is made from the host that was asked for.
NO_HOST = "localhost"
OPTIONS = "OPTIONS"


class NoSessions(SessionInterface):
    """Sessions are rows of the database, found by `cms.api.identity`; Flask keeps none."""

    def open_session(self, *_: Any) -> NullSession:
        return NO_SESSION


class Application(Flask):
    """A Flask application of plain functions: no coroutine is ever among its views and hooks."""

    session_interface = NoSessions()
    url_map_class = Routes

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What is done before a view, by endpoint: nothing is added once requests come.
        self._before: dict[str | None, list[Callable[[], Any]]] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def app_context(self) -> Surroundings:
        return Surroundings(self)

    def request_context(self, environ: dict[str, Any]) -> Context:
        return Context(self, environ)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes are the same whatever host was asked for, so nothing of it is read."""
        if request is None:
            return None
        self.url_map.update()
        asked = request.root_path, "", request.scheme, request.path, request.method
        return MapAdapter(self.url_map, NO_HOST, *asked, request.query_string.decode("latin-1"))

    def preprocess_request(self) -> Any:
        if self.url_value_preprocessors:
            return super().preprocess_request()
        asked = request._get_current_object()
        endpoint = asked.endpoint
        hooks = self._before.get(endpoint)
        if hooks is None:
            names = (None, *reversed(asked.blueprints))
            hooks = [one for name in names for one in self.before_request_funcs.get(name, ())]
            self._before[endpoint] = hooks
        for hook in hooks:
            refused = hook()
            if refused is not None:
                return refused
        return None

    def dispatch_request(self) -> Any:
        asked = request._get_current_object()
        if asked.routing_exception is not None or asked.method == OPTIONS:
            return super().dispatch_request()
        return self.view_functions[asked.url_rule.endpoint](**asked.view_args)

    def finalize_request(self, rv: Any, *args: Any, **options: Any) -> Response | Finished:
        # No hook has anything to add to it, and no session is kept.
        if isinstance(rv, Finished) and not request_finished.receivers:
            return rv
        return super().finalize_request(rv, *args, **options)

    def do_teardown_request(self, *exc: Any) -> None:
        # Whoever waits for the end waits for that of the application's context.
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(*exc)
