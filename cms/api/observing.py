"""What each request was and how long it took, for the log and for the numbers.

The outermost layer: what is answered from memory passes here as well. Where neither is asked for,
there is no layer. A route is named by its template, so nothing of an address is told.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from flask import Flask

from cms import logs
from cms.api.problems import CACHE, REQUEST_ID, ROUTE, USER

NOBODY = NOWHERE = "-"
# Strangers choose methods, too.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Environ = dict[str, Any]
Note = Callable[[Environ, int, float], None]
TEXT = "{time} {method} {route} {status} {ms} ms {cache} user {user} request {request_id}\n"


def init_app(app: Flask) -> None:
    config = app.config["CMS"]
    notes = [LINES[config.log]] if config.log in LINES else []
    if config.metrics_folder:
        from cms.api.metrics import Metrics

        app.extensions["cms_metrics"] = metrics = Metrics(app)
        notes.append(lambda environ, *rest: metrics.request(*named(environ), *rest))
    if notes:
        app.wsgi_app = observed(app.wsgi_app, notes)


def observed(inner: Callable[..., Any], notes: list[Note]) -> Callable[..., Any]:
    """A WSGI application that notes each answer of another, once that is ready to be sent."""

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()
        # Should a layer raise past us, the server answers this.
        status = 500

        def start(line: str, *rest: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, *rest)

        try:
            return inner(environ, start)
        finally:
            took = time.perf_counter() - began
            for note in notes:
                note(environ, status, took)

    return application


def named(environ: Environ) -> tuple[str, str]:
    """The route and the method, of which there are only so many."""
    method = environ["REQUEST_METHOD"]
    return environ.get(ROUTE, NOWHERE), method if method in METHODS else "OTHER"


def facts(environ: Environ, status: int, seconds: float) -> dict[str, Any]:
    route, method = named(environ)
    return {
        "time": logs.moment(time.time()),
        "level": "info",
        "event": "request",
        "request_id": environ.get(REQUEST_ID, NOBODY),
        "user": environ.get(USER, NOBODY),
        "route": route,
        "method": method,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "cache": environ.get(CACHE, NOBODY),
    }


def as_json(environ: Environ, status: int, seconds: float) -> None:
    logs.write(orjson.dumps(facts(environ, status, seconds), option=orjson.OPT_APPEND_NEWLINE))


def as_text(environ: Environ, status: int, seconds: float) -> None:
    logs.write(TEXT.format_map(facts(environ, status, seconds)).encode())


LINES: dict[str, Note] = {"json": as_json, "text": as_text}
