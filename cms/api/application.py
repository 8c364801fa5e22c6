"""Flask, without what this site has no use for and every request would pay for."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, request, request_finished, request_tearing_down
from werkzeug.routing import MapAdapter

from cms.api.conditional import Finished
from cms.api.contexts import Context, Surroundings
from cms.api.routing import Routes

# No address of ours is made from the host that was asked for.
NO_HOST = "localhost"
OPTIONS = "OPTIONS"


class Application(Flask):
    """A Flask application of plain functions: no coroutine is ever among its views and hooks."""

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

    def create_url_adapter(self, request: Request) -> MapAdapter:
        """Routes are the same whatever host was asked for, so nothing of it is read."""
        self.url_map.update()
        asked = request.root_path, "", request.scheme, request.path, request.method
        return MapAdapter(self.url_map, NO_HOST, *asked, request.query_string.decode("latin-1"))

    def preprocess_request(self) -> Any:
        if self.url_value_preprocessors:
            return super().preprocess_request()
        asked = request._get_current_object()
        hooks = self._before.get(asked.endpoint)
        if hooks is None:
            hooks = self._before[asked.endpoint] = self._hooks_before(asked.blueprints)
        for hook in hooks:
            answer = hook()
            if answer is not None:
                return answer
        return None

    def _hooks_before(self, blueprints: list[str]) -> list[Callable[[], Any]]:
        """Those of the application, then those of its blueprints, the outermost first."""
        names = (None, *reversed(blueprints))
        return [hook for name in names for hook in self.before_request_funcs.get(name, ())]

    def dispatch_request(self) -> Any:
        asked = request._get_current_object()
        if asked.routing_exception is not None or asked.method == OPTIONS:
            return super().dispatch_request()
        return self.view_functions[asked.url_rule.endpoint](**asked.view_args)

    def finalize_request(self, rv: Any, *args: Any, **options: Any) -> Response | Finished:
        # No hook has anything to add to it, and no session is kept.
        if isinstance(rv, Finished):
            if request_finished.receivers:
                request_finished.send(self, _async_wrapper=self.ensure_sync, response=rv)
            return rv
        return super().finalize_request(rv, *args, **options)

    def do_teardown_request(self, *exc: Any) -> None:
        # Whoever waits for the end waits for that of the application's context.
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(*exc)
