"""Senders that are slow, and bodies whose length nobody said."""

import threading
from io import BytesIO

import orjson

from cms.api.bodies import buffered


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def call(application, body, **environ):
    statuses = []
    environ = {"wsgi.input": body, **environ}
    sent = application(environ, lambda status, _headers: statuses.append(status))
    return statuses[0], b"".join(sent)


def test_a_body_arrives_whole():
    application = buffered(echo, threading.Semaphore(1), 100)

    assert call(application, BytesIO(b"abc"), CONTENT_LENGTH="3") == ("200 OK", b"abc")


def test_a_body_without_a_length_is_cut_just_beyond_the_limit():
    application = buffered(echo, threading.Semaphore(1), 5)

    answer = call(application, BytesIO(b"0123456789"), HTTP_TRANSFER_ENCODING="chunked")

    assert answer == ("200 OK", b"01234")


def test_whoever_comes_beyond_the_slow_ones_is_sent_away(monkeypatch):
    monkeypatch.setattr("cms.api.bodies.PATIENCE", 0.01)
    application = buffered(echo, threading.Semaphore(0), 100)

    status, sent = call(application, BytesIO(b"{}"), CONTENT_LENGTH="2")

    assert status.startswith("503")
    assert orjson.loads(sent)["reason"] == "too_busy"


def test_what_has_no_body_does_not_wait_for_others(monkeypatch):
    monkeypatch.setattr("cms.api.bodies.PATIENCE", 0.01)
    application = buffered(echo, threading.Semaphore(0), 100)

    assert call(application, BytesIO(), CONTENT_LENGTH="")[0] == "200 OK"


def test_a_chunked_body_over_the_limit_is_refused_as_too_large(app, client):
    body = b'{"author_name": "A"}' + b" " * app.config["CMS"].max_body_bytes

    response = client.post(
        "/api/v1/posts/any/comments",
        input_stream=BytesIO(body),
        content_type="application/json",
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    )

    assert (response.status_code, response.json["reason"]) == (413, "body_too_large")
