"""Senders that are slow, and bodies whose length nobody said."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO

import orjson
import pytest

from cms.api import rooms
from cms.api.auth import BY_ADDRESS, OPEN
from cms.api.bodies import AT_ONCE, buffered
from cms.api.body_kinds import MOST_FROM_STRANGERS, MOST_TO_SIGN_IN, STRANGERS_SIGNING_IN, kind_of
from cms.api.rooms import Places, Rooms, shared_out
from cms.config import Config
from cms.database import transaction
from cms.errors import Unauthenticated
from cms.services import tokens
from tests import building
from tests.databases import free_port

pytestmark = pytest.mark.threat("B14")

JSON = "application/json"
MANAGE, COMMENTS = "/api/v1/manage/posts", "/api/v1/posts/any/comments"


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def anybody(_environ, _action):
    """Lets everybody in."""


def nobody(_environ, _action):
    raise Unauthenticated("Sign in first.", reason="not_signed_in")


def full():
    """An application whose only place somebody else has."""
    forms, files = Places(1), Places(1)
    assert forms.take("192.0.2.9")
    return buffered(echo, Rooms(forms, files), Config(), anybody)


def reading(config=None, prove=anybody):
    """One that has a place for each kind of body."""
    return buffered(echo, Rooms(Places(1), Places(1)), config or Config(), prove)


def call(application, body, **environ):
    statuses = []
    environ = {
        "wsgi.input": body,
        "PATH_INFO": MANAGE,
        "REMOTE_ADDR": "192.0.2.1",
        "SERVER_PORT": "1",
        **environ,
    }
    sent = application(environ, lambda status, _headers: statuses.append(status))
    return statuses[0], b"".join(sent)


def test_a_body_arrives_whole():
    application = reading()

    assert call(application, BytesIO(b"abc"), CONTENT_LENGTH="3") == ("200 OK", b"abc")


def test_a_body_without_a_length_is_cut_just_beyond_the_limit():
    application = reading(Config(max_body_bytes=10_000))

    answer = call(application, BytesIO(b"x" * 20_000), HTTP_TRANSFER_ENCODING="chunked")

    assert answer == ("200 OK", b"x" * 10_001)


def test_whoever_comes_beyond_the_slow_ones_is_sent_away(monkeypatch):
    monkeypatch.setattr("cms.api.rooms.PATIENCE", 0.01)
    application = full()

    status, sent = call(application, BytesIO(b"{}"), CONTENT_LENGTH="2")

    assert status.startswith("503")
    assert orjson.loads(sent)["reason"] == "too_busy"


def test_what_a_stranger_sends_to_the_management_is_not_read():
    class Endless(BytesIO):
        def read(self, *_):
            pytest.fail("It was read.")

    application = reading(prove=nobody)

    with pytest.raises(Unauthenticated):
        call(application, Endless(), CONTENT_LENGTH="2")
    with pytest.raises(Unauthenticated):
        call(application, Endless(), CONTENT_LENGTH="2", PATH_INFO=f"/{MANAGE}")
    assert call(application, BytesIO(b"{}"), CONTENT_LENGTH="2", PATH_INFO=COMMENTS)[1] == b"{}"


@pytest.mark.parametrize(("seconds", "status"), [(0, 201), (2 * AT_ONCE, 401)])
def test_who_sends_a_body_is_asked_again_when_that_took_a_while(app, seconds, status):
    class Meanwhile(BytesIO):
        def read(self, *_):
            time.sleep(seconds)
            with app.app_context(), transaction():
                tokens.end_all(editor.user_id)
            return super().read()

    editor = building.signed_in(app, "editor")
    body = orjson.dumps({"title": "One"})

    answer = editor.post(
        MANAGE, input_stream=Meanwhile(body), content_length=len(body), content_type=JSON
    )

    assert answer.status_code == status


def test_whoever_is_let_in_by_an_address_is_waited_for_there_and_for_less_long(app):
    rules = [one for one in app.url_map.iter_rules() if one.rule.startswith("/api/v1/auth/")]
    for rule in rules:
        kind = kind_of({"PATH_INFO": rule.rule})

        assert kind.of_strangers is (rule.endpoint in OPEN | BY_ADDRESS), rule
        assert (kind.seconds, kind.most(Config())) == (STRANGERS_SIGNING_IN.seconds, 16_000)


def test_a_file_finds_a_place_beside_forms():
    upload = {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/manage/media"}

    assert call(full(), BytesIO(b"abc"), CONTENT_LENGTH="3", **upload) == ("200 OK", b"abc")


@pytest.mark.parametrize("threads", range(1, 20))
def test_a_thread_is_left_for_those_who_send_nothing(monkeypatch, threads):
    monkeypatch.setattr("cms.api.rooms.PATIENCE", 0.001)
    found = shared_out(threads)
    tried = [room.take(f"192.0.2.{n}") for room in found for n in range(threads)]

    taken = len([one for one in tried if one is not None])

    assert taken == max(1, threads - 1)


def test_what_has_no_body_does_not_wait_for_others(monkeypatch):
    monkeypatch.setattr("cms.api.rooms.PATIENCE", 0.01)
    application = full()

    assert call(application, BytesIO(), CONTENT_LENGTH="")[0] == "200 OK"


@pytest.mark.parametrize(
    ("url", "most"), [(COMMENTS, MOST_FROM_STRANGERS), ("/api/v1/auth/login", MOST_TO_SIGN_IN)]
)
def test_a_stranger_may_send_no_long_body(client, url, most):
    response = client.post(url, data=b"{}".ljust(most + 1), content_type=JSON)

    assert (response.status_code, response.json["reason"]) == (413, "body_too_large")
    assert f"{most:,} bytes" in response.json["detail"]


def test_the_longest_password_can_be_sent_with_every_letter_escaped(client):
    # Each a letter of JSON that takes twelve characters.
    words = {"email": "a" * 242 + "@example.org", "password": "\U0001f511" * 1024}

    response = client.post("/api/v1/auth/login", data=json.dumps(words), content_type=JSON)

    assert response.status_code == 401


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


class TestPlaces:
    def test_of_one_client_are_at_most_half(self, monkeypatch):
        monkeypatch.setattr("cms.api.rooms.PATIENCE", 0.01)
        places = Places(4)

        taken = [places.take(client) is not None for client in "aaabbb"]

        assert taken == [True, True, False, True, True, False]

    def test_that_are_left_can_be_taken_again(self, monkeypatch):
        monkeypatch.setattr("cms.api.rooms.PATIENCE", 0.01)
        places = Places(2)
        for _ in range(5):
            places.leave(places.take("a"))

        assert [places.take(client) is not None for client in "abc"] == [True, True, False]

    def test_behind_quick_senders_are_waited_for(self):
        places, waited = Places(1), []

        def send_quickly(number):
            place = places.take("a")
            waited.append(place is not None)
            time.sleep(rooms.PATIENCE / 5)
            places.leave(place)

        # All together they take longer than anybody waits behind a slow one.
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(send_quickly, range(20)))

        assert waited == [True] * 20


HEAD = b"POST /api/v1/manage/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
UPLOAD = HEAD.replace(b"manage/x", b"manage/media")
SERVER = """
import sys
from granian import Granian
from granian.constants import Interfaces
from cms.api import bodies, body_kinds
from cms.api.rooms import Places, Rooms
from cms.config import Config
from tests.api.test_bodies import anybody, echo

body_kinds.EDITORS = body_kinds.EDITORS._replace(seconds=1.0)
application = bodies.buffered(echo, Rooms(Places(2), Places(1)), Config(), anybody)
if __name__ == "__main__":
    wsgi = {"interface": Interfaces.WSGI, "blocking_threads": 4}
    server = Granian("x", "127.0.0.1", int(sys.argv[1]), **wsgi)
    server.serve(target_loader=lambda *_: application, wrap_loader=False)
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory, repository):
    """Where a real server reads bodies, for a second each, two at a time."""
    script, port = tmp_path_factory.mktemp("server") / "server.py", free_port()
    script.write_text(SERVER)
    command = [sys.executable, script, str(port)]
    env = os.environ | {"PYTHONPATH": str(repository)}
    server = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    yield port
    server.terminate()
    server.wait(30)


@contextmanager
def sender(port, address="127.0.0.1", sent=HEAD % 4 + b"abc"):
    """A socket that has sent the first three bytes of a body of four, or something else."""
    deadline = time.monotonic() + 60
    while True:
        with suppress(ConnectionRefusedError):
            one = socket.create_connection(("127.0.0.1", port), 30, (address, 0))
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with one:
        one.sendall(sent)
        yield one


def status_of(one):
    return int(one.recv(100).split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which connection is silent")
@pytest.mark.thorough
class TestARealServer:
    def test_takes_a_body_that_comes_in_time(self, port):
        with sender(port) as one:
            one.sendall(b"d")

            assert status_of(one) == 200

    def test_cuts_off_whoever_stops_in_the_middle(self, port):
        with sender(port) as one:
            assert status_of(one) == 408

    def test_cuts_off_whoever_drips(self, port):
        with sender(port, sent=HEAD % 9999) as one:
            one.settimeout(0.1)
            answers = [dripped(one) for _ in range(50)]

        assert next(filter(None, answers)).startswith(b"HTTP/1.1 408")

    def test_leaves_alone_whoever_uploads_meanwhile(self, port):
        with sender(port, sent=UPLOAD % 400) as upload, sender(port), sender(port):
            assert sent_evenly(upload, b"x" * 400, parts=40) == 200

    def test_lets_others_write_after_the_deadline(self, port):
        with ExitStack() as slow:
            for address in ("127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"):
                slow.enter_context(sender(port, address))
            end, status = time.monotonic() + 30, None
            while status != 200 and time.monotonic() < end:
                time.sleep(0.05)
                with sender(port, "127.0.0.4") as one:
                    one.sendall(b"d")
                    status = status_of(one)

        assert status == 200

    def test_answers_reading_meanwhile(self, port):
        with sender(port), sender(port, "127.0.0.2"):
            url = f"http://127.0.0.1:{port}/"

            assert urllib.request.urlopen(url).status == 200


def sent_evenly(one, body, parts):
    """Send some of a body each tenth of a second; the status of its answer."""
    size = len(body) // parts
    for at in range(0, len(body), size):
        one.sendall(body[at : at + size])
        time.sleep(0.1)
    return status_of(one)


def dripped(one):
    """Send one byte; what came back."""
    with suppress(OSError):
        one.sendall(b"x")
    with suppress(OSError):
        return one.recv(100)
    return b""
