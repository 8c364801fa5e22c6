"""That the benchmark runs and means what it says. How fast anything is, no test can know."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import __main__ as benchmark
from benchmarks import load

pytestmark = pytest.mark.thorough


def test_the_benchmark_measures_every_case(capsys):
    rows = benchmark.main(["--posts=21", "--rounds=1", "--seconds=0.1"])

    printed = capsys.readouterr().out
    assert len(rows) == 5
    assert all(row.name in printed for row in rows)
    assert all(row.rate > 0 and row.rate_ratio > 0 and row.p99 >= row.p50 > 0 for row in rows)
    assert next(row.rate_ratio for row in rows if row.name == benchmark.BASE) == 1


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"text")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    # Room for all connections at once: a refused one is tried again after a second.
    request_queue_size = 2 * load.CONNECTIONS

    def handle_error(self, *_: object) -> None:
        """A run that ends early leaves connections broken."""


@pytest.fixture
def port() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_every_connection_gets_its_answers(port):
    found = load.run(port, [load.request("/")], status=200, seconds=0.05)

    assert len(found.latencies) >= load.CONNECTIONS
    assert found.rate > 0


def test_an_answer_that_was_not_asked_for_ends_the_run(port):
    paths = [load.request("/"), load.request("/missing")]

    with pytest.raises(load.BadAnswer, match="404"):
        load.run(port, paths, status=200, seconds=5)


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n12", True),
        (b"HTTP/1.1 304 Not Modified\r\netag: 1\r\n\r\n", True),
    ],
)
def test_an_answer_is_whole_when_all_that_it_announced_is_there(answer, whole):
    assert load.is_whole(answer) is whole
