"""What is around a request while it is answered: as Flask has it, told once.

Every read pays for it, so nothing is opened, asked or told that nobody waits for. Whatever is
unusual is left to Flask.
"""

from functools import cached_property
from typing import Any

from flask import Flask, Request, appcontext_popped, appcontext_pushed, has_app_context
from flask.ctx import AppContext, RequestContext, _sentinel
from flask.globals import _cv_app, _cv_request
from flask.sessions import NullSession, SessionMixin
from werkzeug.routing import MapAdapter

from cms.api.routing import READS

# Sessions are rows of the database, found by `cms.api.identity`; Flask keeps none. This one refuses
# to be written to, so all requests can share it.
NO_SESSION = NullSession()
# Where werkzeug keeps the request in what was asked, which the request keeps: a circle.
KEPT = "werkzeug.request"


class Surroundings(AppContext):
    """Around anything that the application does. It makes no addresses."""

    url_adapter = None

    def __init__(self, app: Flask) -> None:
        self.app, self.g, self._cv_tokens = app, app.app_ctx_globals_class(), []

    def push(self) -> None:
        if appcontext_pushed.receivers:
            super().push()
        else:
            self._cv_tokens.append(_cv_app.set(self))

    def pop(self, exc: BaseException | None = _sentinel) -> None:  # type: ignore[assignment]
        # Flask refuses what ends in another order than it began.
        mine = _cv_app.get(None) is self and len(self._cv_tokens) == 1
        if exc is not None or not mine or appcontext_popped.receivers:
            super().pop(exc)
            return
        try:
            self.app.do_teardown_appcontext(None)
        finally:
            _cv_app.reset(self._cv_tokens.pop())


class Context(RequestContext):
    """Around one request."""

    def __init__(
        self,
        app: Flask,
        environ: dict[str, Any],
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        if request is None:
            request = app.request_class(environ)
            request.json_module = app.json
        self.app, self.request, self._session = app, request, session or NO_SESSION
        self.flashes = None
        self._after_request_functions, self._cv_tokens = [], []

    @cached_property
    def url_adapter(self) -> MapAdapter | None:  # type: ignore[override]
        return self.app.create_url_adapter(self.request)

    def match_request(self) -> None:
        asked = self.request
        found = self.app.url_map.find(asked.path) if asked.method in READS else None
        if found is None:
            super().match_request()
        else:
            asked.url_rule, asked.view_args = found

    def push(self) -> None:
        if has_app_context():
            super().push()
            return
        around = self.app.app_context()
        around.push()
        self._cv_tokens.append((_cv_request.set(self), around))
        self.match_request()

    def pop(self, exc: BaseException | None = _sentinel) -> None:  # type: ignore[assignment]
        mine = _cv_request.get(None) is self and len(self._cv_tokens) == 1
        if exc is not None or not mine:
            super().pop(exc)
            return
        try:
            self.app.do_teardown_request(None)
            if "files" in self.request.__dict__:
                self.request.close()
        finally:
            token, around = self._cv_tokens.pop()
            _cv_request.reset(token)
            self.request.environ[KEPT] = None
            if around is not None:
                around.pop(None)
