"""The real server, as a process: it answers when it says so, alone, and leaves nobody behind."""

import os
import resource
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest

from cms.cli import serving
from tests.cli.processes import (
    SECONDS,
    Start,
    answers_in_time,
    children,
    finished,
    read_until,
    settings,
    starting,
)

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def standing(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a server that every test leaves as it was."""
    env = settings(tmp_path_factory.mktemp("standing"))
    shutil.copytree(prepared, env["CMS_DATA_DIR"])
    with starting(env) as start:
        read_until(start("serve"), "Serving on")
        yield env


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda one: os.killpg(one.pid, signal.SIGINT), id="ctrl-c"),
        pytest.param(lambda one: one.send_signal(signal.SIGTERM), id="sigterm"),
        pytest.param(lambda one: one.send_signal(signal.SIGHUP), id="terminal closed"),
        pytest.param(lambda one: one.kill(), id="killed"),
    ],
)
def test_every_process_ends(
    start: Start, prepared: Path, env: dict[str, str], end: Callable
) -> None:
    shutil.copytree(prepared, env["CMS_DATA_DIR"])
    running = start("serve", CMS_WORKER="on")
    read_until(running, "Serving on")
    processes = children(running, 3)

    end(running)
    code = running.wait(SECONDS)

    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    assert alive == []
    assert (code, running.stdout.read()) in [(0, "Stopped.\n"), (-signal.SIGKILL, "")]


def test_it_answers_when_it_says_so(standing: dict[str, str]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{standing['PORT']}/healthz") as answer:
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


def test_its_worker_that_dies_is_replaced(
    start: Start, prepared: Path, env: dict[str, str]
) -> None:
    shutil.copytree(prepared, env["CMS_DATA_DIR"])
    running = start("serve", CMS_WORKER="on")
    read_until(running, "Serving on")
    first = next(one for one in children(running, 3) if "beside" in " ".join(one.cmdline()))

    first.kill()
    psutil.wait_procs([first], timeout=SECONDS)

    assert any("beside" in " ".join(one.cmdline()) for one in children(running, 3))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_alone_runs_beside_a_server_until_it_is_told_to_end(
    standing: dict[str, str], start: Start, stop: signal.Signals
) -> None:
    alone = start("worker", **standing)
    read_until(alone, "Working.")

    alone.send_signal(stop)

    assert finished(alone) == (0, "Stopped.\n")
    assert finished(start("worker", "--once", **standing)) == (0, "")


def test_a_successor_ends_with_the_first_process(running: subprocess.Popen[str]) -> None:
    hand_over(running)
    processes = children(running, 3)

    running.kill()

    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    assert alive == []


def test_ctrl_c_ends_a_successor_too(running: subprocess.Popen[str]) -> None:
    hand_over(running)
    processes = children(running, 3)

    os.killpg(running.pid, signal.SIGINT)

    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    assert (alive, running.wait(SECONDS)) == ([], 0)


def test_a_successor_that_dies_has_another(
    running: subprocess.Popen[str], env: dict[str, str]
) -> None:
    hand_over(running)
    (first,) = psutil.Process(running.pid).children()

    first.kill()
    psutil.wait_procs([first], timeout=SECONDS)

    assert answers_in_time(env["PORT"])
    assert first not in psutil.Process(running.pid).children()


def test_a_successor_that_can_not_start_changes_nothing(
    running: subprocess.Popen[str], env: dict[str, str]
) -> None:
    before = psutil.Process(running.pid).children()
    with closing(sqlite3.connect(Path(env["CMS_DATA_DIR"]) / "site.db")) as database:
        with database:
            database.execute("UPDATE alembic_version SET version_num = 'another'")
        running.send_signal(signal.SIGUSR2)
        told = "".join(read_until(running, "all goes on as before"))

    assert "Run `cms db upgrade`" in told
    assert answers_in_time(env["PORT"])
    assert psutil.Process(running.pid).children() == before


def hand_over(running: subprocess.Popen[str]) -> None:
    before = psutil.Process(running.pid).children()
    running.send_signal(signal.SIGUSR2)
    _, alive = psutil.wait_procs(before, timeout=SECONDS)
    assert alive == []


def test_a_second_server_is_kept_out_of_the_folder(standing: dict[str, str], start: Start) -> None:
    folder = standing["CMS_DATA_DIR"]

    code, output = finished(start("serve", CMS_DATA_DIR=folder))

    assert (code, f"already uses the data folder {folder}" in output) == (1, True)


def test_other_commands_work_while_it_runs(standing: dict[str, str], start: Start) -> None:
    assert finished(start("check", **standing))[0] == 0


def test_a_port_that_is_taken_is_named(standing: dict[str, str], start: Start) -> None:
    code, output = finished(start("run", PORT=standing["PORT"]))

    assert (code, f"port {standing['PORT']}" in output) == (1, True)
    assert "Password:" not in output
