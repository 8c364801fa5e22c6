"""Senders that are slow, and bodies whose length nobody said."""

import threading
from io import BytesIO

import orjson
import pytest

from cms.api.bodies import MOST_FROM_STRANGERS, buffered
from cms.config import Config

JSON = "application/json"
MANAGE, COMMENTS = "/api/v1/manage/posts", "/api/v1/posts/any/comments"


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def call(application, body, **environ):
    statuses = []
    environ = {"wsgi.input": body, "PATH_INFO": MANAGE, "REMOTE_ADDR": "192.0.2.1", **environ}
    sent = application(environ, lambda status, _headers: statuses.append(status))
    return statuses[0], b"".join(sent)


def test_a_body_arrives_whole():
    application = buffered(echo, threading.Semaphore(1), Config())

    assert call(application, BytesIO(b"abc"), CONTENT_LENGTH="3") == ("200 OK", b"abc")


def test_a_body_without_a_length_is_cut_just_beyond_the_limit():
    application = buffered(echo, threading.Semaphore(1), Config(max_body_bytes=10_000))

    answer = call(application, BytesIO(b"x" * 20_000), HTTP_TRANSFER_ENCODING="chunked")

    assert answer == ("200 OK", b"x" * 10_001)


def test_whoever_comes_beyond_the_slow_ones_is_sent_away(monkeypatch):
    monkeypatch.setattr("cms.api.bodies.PATIENCE", 0.01)
    application = buffered(echo, threading.Semaphore(0), Config())

    status, sent = call(application, BytesIO(b"{}"), CONTENT_LENGTH="2")

    assert status.startswith("503")
    assert orjson.loads(sent)["reason"] == "too_busy"


def test_what_has_no_body_does_not_wait_for_others(monkeypatch):
    monkeypatch.setattr("cms.api.bodies.PATIENCE", 0.01)
    application = buffered(echo, threading.Semaphore(0), Config())

    assert call(application, BytesIO(), CONTENT_LENGTH="")[0] == "200 OK"


@pytest.mark.parametrize("url", [COMMENTS, "/api/v1/auth/login"])
def test_a_stranger_may_send_no_long_body(client, url):
    response = client.post(url, data=b"{}".ljust(MOST_FROM_STRANGERS + 1), content_type=JSON)

    assert (response.status_code, response.json["reason"]) == (413, "body_too_large")
    assert "64,000 bytes" in response.json["detail"]


def test_a_stranger_may_send_a_body_of_just_the_limit(client):
    response = client.post(COMMENTS, data=b"{}".ljust(MOST_FROM_STRANGERS), content_type=JSON)

    assert response.status_code == 422


@pytest.mark.parametrize("most", [MOST_FROM_STRANGERS, 2_000_000])
def test_a_chunked_body_over_the_limit_is_refused_as_too_large(client, most):
    body = b'{"author_name": "A"}' + b" " * most

    response = client.post(
        COMMENTS,
        input_stream=BytesIO(body),
        content_type="application/json",
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    )

    assert (response.status_code, response.json["reason"]) == (413, "body_too_large")
