"""The real server, as a process: it answers when it says so, alone, and leaves nobody behind."""

import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from cms.cli import cli, serving
from tests.databases import free_port

CMS = [sys.executable, "-c", "from cms.cli import main; main()"]
SECONDS = 30


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    ours = {"CMS_DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "CMS_WORKERS": "2"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CMS_")}
    return kept | ours


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started = []

    def start(*command: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*CMS, *command],
            env=env | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    lines = []
    # A server that says nothing fails the test; it must not stop the run.
    with ending(process):
        for line in process.stdout:
            lines.append(line)
            if words in line:
                return lines
    raise AssertionError("".join(lines))


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def answers_in_time(port: str) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=SECONDS).close()
            return True
        time.sleep(0.05)
    return False


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=SECONDS)
    return process.returncode, output


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    made = CliRunner().invoke(cli, ["init"], env={"CMS_DATA_DIR": str(folder)})
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def running(
    start: Callable[..., subprocess.Popen[str]], prepared: Path, env: dict[str, str]
) -> subprocess.Popen[str]:
    shutil.copytree(prepared, env["CMS_DATA_DIR"])
    process = start("serve")
    read_until(process, "Serving on")
    return process


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda one: os.killpg(one.pid, signal.SIGINT), id="ctrl-c"),
        pytest.param(lambda one: one.send_signal(signal.SIGTERM), id="sigterm"),
        pytest.param(lambda one: one.send_signal(signal.SIGHUP), id="terminal closed"),
        pytest.param(lambda one: one.kill(), id="killed"),
    ],
)
def test_every_process_ends(running: subprocess.Popen[str], end: Callable) -> None:
    workers = psutil.Process(running.pid).children(recursive=True)

    end(running)
    code = running.wait(SECONDS)

    _, alive = psutil.wait_procs(workers, timeout=SECONDS)
    assert (len(workers), alive) == (2, [])
    assert (code, running.stdout.read()) in [(0, "Stopped.\n"), (-signal.SIGKILL, "")]


def test_it_answers_when_it_says_so(running: subprocess.Popen[str], env: dict[str, str]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{env['PORT']}/healthz") as answer:
        assert answer.status == 200


def half_sent(port: str) -> socket.socket:
    """A connection on which a head has begun."""
    one = socket.create_connection(("127.0.0.1", int(port)), SECONDS)
    one.sendall(b"GET /healthz HTTP/1.1\r\nHo")
    return one


def is_open(one: socket.socket) -> bool:
    # `select` itself knows no file beyond 1,023.
    waiting = select.poll()
    waiting.register(one, select.POLLIN)
    return not waiting.poll(0)


def test_many_half_sent_heads_keep_nobody_waiting(
    running: subprocess.Popen[str], env: dict[str, str]
) -> None:
    # The test holds them all as well.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with ExitStack() as held:
        heads = [held.enter_context(half_sent(env["PORT"])) for _ in range(1500)]

        with urllib.request.urlopen(f"http://127.0.0.1:{env['PORT']}/healthz") as answer:
            assert (answer.status, is_open(heads[0])) == (200, True)


def test_a_half_sent_head_is_not_waited_for_long(
    running: subprocess.Popen[str], env: dict[str, str]
) -> None:
    with half_sent(env["PORT"]) as one:
        # Left to itself, the server would wait six times as long.
        one.settimeout(3 * serving.HEAD_MILLISECONDS / 1000)

        assert one.recv(100) == b""


def test_a_worker_that_dies_is_replaced(
    running: subprocess.Popen[str], env: dict[str, str]
) -> None:
    first = psutil.Process(running.pid).children()
    for worker in first:
        worker.kill()
    psutil.wait_procs(first, timeout=SECONDS)

    assert answers_in_time(env["PORT"])
    assert len(psutil.Process(running.pid).children()) == 2


def test_a_second_server_is_kept_out_of_the_folder(
    running: subprocess.Popen[str], start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    code, output = finished(start("serve", PORT=str(free_port())))

    assert (code, f"already uses the data folder {tmp_path / 'data'}" in output) == (1, True)


def test_other_commands_work_while_it_runs(
    running: subprocess.Popen[str], start: Callable[..., subprocess.Popen[str]]
) -> None:
    assert finished(start("check"))[0] == 0


def test_a_port_that_is_taken_is_named(
    running: subprocess.Popen[str],
    start: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    env: dict[str, str],
) -> None:
    code, output = finished(start("run", CMS_DATA_DIR=str(tmp_path / "other")))

    assert (code, f"port {env['PORT']}" in output) == (1, True)
    assert "Password:" not in output


def test_run_prepares_everything_once(start: Callable[..., subprocess.Popen[str]]) -> None:
    outputs = []
    for _ in range(2):
        process = start("run")
        outputs.append("".join(read_until(process, "comment newest")))
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)

    assert ["Password:" in one for one in outputs] == [True, False]
    assert ["Loaded" in one for one in outputs] == [True, False]


def test_without_curl_the_lines_still_work(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    # A path with what the lines call, and no curl.
    for name in ("bash", "date", "tail"):
        (tmp_path / name).symlink_to(
            f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}"
        )
    process = start("run", PATH=str(tmp_path))
    lines = [one for one in read_until(process, "comment newest") if " -sS " in one]

    bare = {"PATH": str(tmp_path)}
    answers = [
        subprocess.run(["/bin/bash", "-c", line], env=bare, cwd="/", capture_output=True, text=True)
        for line in lines
    ]

    assert ["cms.cli.fetch" in line for line in lines] == [True, True]
    assert '"status":"pending"' in answers[0].stdout
    assert '"status":"approved"' in answers[1].stdout, answers[1]
