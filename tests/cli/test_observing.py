"""The real server, seen from outside: a line for each request, and numbers of all its processes."""

import http.client
import json
import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from cms.cli import cli
from tests.cli.processes import SECONDS, read_until, settings, starting
from tests.databases import free_port

pytestmark = pytest.mark.thorough

READERS = ["mia@example.org", "canary-query", "canary-password", "canary-token", "127.0.0.1"]
KEYS = {"time", "level", "event", "request_id", "user", "route", "method", "status", "ms", "cache"}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    env = settings(tmp_path_factory.mktemp("watched"))
    env |= {"CMS_LOG": "json", "CMS_METRICS_PORT": str(free_port())}
    made = CliRunner().invoke(cli, ["init"], env=env)
    assert made.exit_code == 0, made.output
    yield env
    shutil.rmtree(Path(env["CMS_DATA_DIR"]).parent)


def ask(port: str, method: str, path: str, **headers: str) -> int:
    body = headers.pop("body", None)
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def scraped(port: str) -> dict[tuple[str, tuple[str, ...]], float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as page:
        families = text_string_to_metric_families(page.read().decode())
        return {
            (one.name, tuple(one.labels[name] for name in sorted(one.labels))): one.value
            for family in families
            for one in family.samples
        }


def front(numbers: dict[tuple[str, tuple[str, ...]], float]) -> float:
    return sum(numbers["cms_front_total", (outcome,)] for outcome in ("hits", "misses"))


@pytest.mark.threat("A16")
def test_each_request_is_a_line_and_a_number_and_nothing_in_them_is_a_readers(watched):
    port, asked = watched["PORT"], 40
    sign_in = json.dumps({"email": READERS[0], "password": READERS[2]})
    with starting(watched) as start:
        server = start("serve")
        read_until(server, "Serving on")
        for number in range(asked):
            # Each over a connection of its own, so that both processes are asked.
            named = {"X-Request-Id": f"request-{number}"}
            assert ask(port, "GET", "/api/v1/posts?q=canary-query", **named) == 200
        ask(port, "GET", "/api/v1/posts/canary-query", Authorization="Bearer canary-token")
        json_type = {"Content-Type": "application/json", "body": sign_in}
        ask(port, "POST", "/api/v1/auth/login", **json_type)
        ask(port, "CANARY", "/canary-query")

        numbers = scraped(watched["CMS_METRICS_PORT"])
        deadline = time.monotonic() + SECONDS
        # Each process looks at its front by itself, once a second.
        while front(numbers) < asked and time.monotonic() < deadline:
            numbers = scraped(watched["CMS_METRICS_PORT"])
        server.terminate()
        output = server.communicate(timeout=30)[0]

    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    lists = [line for line in lines if line["route"] == "/api/v1/posts"]
    assert [one for one in READERS if one in output] == []
    assert {line["request_id"] for line in lists} == {f"request-{n}" for n in range(asked)}
    assert {line["cache"] for line in lists} == {"miss", "hit"}
    assert all(set(line) == KEYS and RFC_3339.fullmatch(line["time"]) for line in lines)
    counted = {key[1]: value for key, value in numbers.items() if key[0].endswith("seconds_count")}
    assert counted["GET", "/api/v1/posts", "200"] == asked
    assert counted["GET", "/api/v1/posts/<slug:slug>", "401"] == 1
    assert counted["POST", "/api/v1/auth/login", "401"] == 1
    assert counted["OTHER", "-", "404"] == 1
    hits = [line["cache"] for line in lists].count("hit")
    assert numbers["cms_front_total", ("hits",)] == hits
    assert numbers["cms_front_bytes", ()] > 0
    assert numbers["cms_front_leases", ()] == 0
    assert (numbers["cms_database_up", ()], numbers["cms_comments", ("pending",)]) == (1, 0)
