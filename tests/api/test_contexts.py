"""Less is done around a request than Flask does, and nobody can tell."""

from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from io import BytesIO

import flask
import pytest
from flask import (
    Blueprint,
    Flask,
    g,
    has_app_context,
    has_request_context,
    request,
    request_finished,
)
from flask import stream_with_context as streamed
from flask.views import MethodView

from cms.api.application import Application
from cms.api.conditional import Finished
from cms.api.resources import Resource
from cms.extensions import Database
from cms.models import Base

SIGNALS = [
    "appcontext_pushed",
    "request_started",
    "request_finished",
    "request_tearing_down",
    "appcontext_tearing_down",
    "appcontext_popped",
    "got_request_exception",
]
ASKED = [
    ("GET", "/page/plain"),
    ("HEAD", "/page/plain"),
    ("OPTIONS", "/page/plain"),
    ("DELETE", "/page/plain"),
    ("GET", "/page/streamed"),
    ("GET", "/page/broken"),
    ("GET", "/page/refused"),
    ("GET", "/page/early"),
    ("GET", "/page/inner/plain"),
    ("GET", "/elsewhere"),
    ("POST", "/file"),
]


def broken():
    raise ZeroDivisionError


def refused():
    flask.abort(410)


PAGES = {
    "plain": lambda: f"{g.number} {request.path}",
    "streamed": lambda: streamed(f"{one} {request.path}" for one in "ab"),
    "broken": broken,
    "refused": refused,
    "early": lambda: "by the view",
}


def site(kind, trace, *parts):
    """An application with everything that can be asked around a request."""
    app, pages, inner = kind("site"), Blueprint("pages", "pages"), Blueprint("inner", "inner")
    app.view_functions["file"] = lambda: request.files["file"].read()
    app.add_url_rule("/file", "file", methods=["POST"])
    for part in (pages, inner):
        part.add_url_rule("/<name>", "page", lambda name: PAGES[name]())
    for where in (app, pages, inner) if "hooks" in parts else ():
        where.before_request(lambda where=where: trace.append(f"before {where.name}"))
        where.before_request(lambda: "at once" if request.path.endswith("early") else None)
        where.after_request(lambda answer, where=where: trace.append(where.name) or answer)
        where.teardown_request(lambda error, where=where: trace.append((where.name, type(error))))
    if "values" in parts:
        pages.url_value_preprocessor(lambda *of: trace.append(of))
    app.before_request(lambda: setattr(g, "number", len(trace)))
    app.teardown_appcontext(lambda error: trace.append(("end", type(error))))
    pages.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(pages, url_prefix="/page")
    return app


@contextmanager
def listened(app, trace):
    with ExitStack() as listening:
        for name in SIGNALS:
            one = partial(lambda name, _app, **_more: trace.append(name), name)
            listening.enter_context(getattr(flask, name).connected_to(one, app))
        yield


def traced(kind, parts):
    """What is answered, and all that could be told apart on the way."""
    app = site(kind, trace := [], *parts)
    with listened(app, trace) if "signals" in parts else nullcontext():
        for method, path in ASKED:
            sent = {"file": (BytesIO(b"x"), "x.txt")} if method == "POST" else None
            answer = app.test_client().open(path, method=method, data=sent)
            trace += [answer.status_code, answer.data, sorted(answer.headers)]
            trace += [has_app_context(), has_request_context()]
    return trace


@pytest.mark.parametrize("parts", [(), ("hooks",), ("values",), ("signals",), ("hooks", "signals")])
def test_all_is_told_and_answered_as_by_flask(parts):
    assert traced(Application, parts) == traced(Flask, parts)


@pytest.mark.parametrize("kind", [Flask, Application])
def test_a_client_can_look_at_a_request_that_is_over(kind):
    with site(kind, []).test_client() as client:
        client.get("/page/plain")
        assert request.path == "/page/plain"
    assert not has_request_context()


@pytest.mark.parametrize("kind", [Flask, Application])
def test_a_request_is_asked_in_a_context_that_is_there(kind):
    app = site(kind, trace := [])
    with app.app_context() as around:
        assert app.test_client().get("/page/plain").status_code == 200
        assert not trace
        assert flask.globals._cv_app.get() is around
    assert trace == [("end", type(None))]


@pytest.mark.parametrize("name", ["app_context", "test_request_context"])
@pytest.mark.parametrize("kind", [Flask, Application])
def test_what_ends_out_of_order_is_refused(kind, name):
    app = site(kind, [])
    first, second = getattr(app, name)(), getattr(app, name)()
    first.push()
    second.push()
    with pytest.raises(AssertionError, match="Popped wrong"):
        first.pop(None)
    assert not has_app_context()
    assert not has_request_context()


@pytest.mark.parametrize("kind", [Flask, Application])
def test_each_request_has_a_context_of_its_own(kind):
    app = site(kind, [])
    app.view_functions["pages.page"] = lambda name: g.setdefault("seen", name)
    client = app.test_client()
    assert [client.get(f"/page/{name}").text for name in "ab"] == ["a", "b"]


@pytest.mark.parametrize("kind", [Flask, Application])
def test_a_context_can_be_entered_again(kind):
    app = site(kind, trace := [], "hooks")
    with app.test_request_context("/page/plain") as around:
        with around:
            assert not trace
        assert not trace
        assert request.path == "/page/plain"
    assert trace == [(name, type(None)) for name in ("pages", "site", "end")]
    assert around.request.environ["werkzeug.request"] is None


@pytest.mark.parametrize("kind", [MethodView, Resource])
def test_what_decorates_a_resource_guards_it(kind):
    class Guarded(kind):
        decorators = (lambda _view: lambda: ("refused", 403),)

        def get(self):
            return "seen"

    app = Application("site")
    app.add_url_rule("/guarded", view_func=Guarded.as_view("guarded"))
    assert app.test_client().get("/guarded").status_code == 403


def test_a_finished_answer_stays_one_whoever_listens():
    app, answer, heard = Application("site"), Finished(b"{}"), []
    listening = request_finished.connected_to(lambda _app, response: heard.append(response), app)
    with listening, app.test_request_context("/"):
        assert app.finalize_request(answer) is answer
    assert heard == [answer]


def test_what_a_session_holds_is_given_back(tmp_path):
    app = site(Application, [])
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/site.db"
    db = Database(metadata=Base.metadata)
    db.init_app(app)
    app.view_functions["pages.page"] = lambda name: str(db.session.scalar(db.text(name)))
    assert app.test_client().get("/page/SELECT 1").text == "1"
    assert not db.session.registry.registry
