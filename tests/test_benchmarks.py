"""That the benchmark runs and means what it says. How fast anything is, no test can know."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from lxml.etree import fromstring

from benchmarks import __main__ as benchmark
from benchmarks import load, plot, report, similar, words
from benchmarks.report import Row

pytestmark = pytest.mark.thorough


@pytest.mark.exhaustive
def test_the_benchmark_measures_every_route_in_every_state(capsys, tmp_path):
    options = ["--posts=3", "--rounds=1", "--seconds=0.01", "--requests=20", "--pairs=1"]

    (rows,) = benchmark.main([*options, f"--write={tmp_path / 'found.md'}"]).values()

    said = capsys.readouterr().out
    routes = [row for row in rows if row.cold is not None]
    assert len(routes) == 23
    assert all(min(row.hot, row.writes, row.cold, row.cold_ms, row.rate) > 0 for row in routes)
    assert all(row.name in said for row in rows)
    assert next(row.hot for row in rows if row.name == report.BASE) == 1
    assert "created, then published" in (tmp_path / "found.md").read_text()


def test_what_resembles_a_post_is_looked_for_and_kept(config, capsys):
    kind = "postgresql" if config.database_url else "sqlite"

    assert similar.main(["--posts=40", "--asked=5", f"--database={kind}"]) > 0
    assert "ms a post at 40 posts" in capsys.readouterr().out


@pytest.mark.parametrize("count", [1, 10, 11, 1_000, 12_345])
def test_a_rare_word_finds_as_many_texts_as_share_it(count):
    # As searches find what begins with the last word.
    known = sorted(words.rare(number, count) for number in range(count))

    assert all(
        one == following or not following.startswith(one) for one, following in pairwise(known)
    )
    assert max(Counter(known).values()) <= words.SHARING * 2


def test_what_sites_of_several_sizes_cost_is_told_and_drawn():
    row = Row("a post", hot=3, writes=2, cold=0.5, cold_ms=0.1, cold_cpu=99, cpu={}, rate=100)
    sites = {10: [row], 100: [replace(row, cold_ms=12.0)]}

    costs = report.costs_of(sites)
    drawing = fromstring(plot.drawn(list(sites), costs).encode())

    assert costs == {"a post": [0.1, 12.0]}
    assert "| a post |     0.10 |     12.00 |" in report.growth(sites)
    lines = [one.get("d") for one in drawing.findall(".//{*}path") if one.get("fill")]
    assert len(lines) == 1
    (_, low), (_, high) = (map(float, one.split()) for one in lines[0][1:].split("L"))
    assert low > high


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
