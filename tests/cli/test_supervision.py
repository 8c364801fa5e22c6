"""The server looks after its processes, whatever happens to it, and ends when it is told."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cms.cli.succession import START_SECONDS
from tests.cli.processes import SECONDS, Start, children, finished, read_until

pytestmark = pytest.mark.thorough
MAIN = "from cms.cli import main; main()"
PYTHON = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
# It is begun, and says nothing.
SILENT = "#!/bin/sh\nexec sleep 600\n"


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """What the server takes for its own interpreter: a file that can be moved away."""
    place = tmp_path / "python"
    place.write_text(PYTHON)
    place.chmod(0o755)
    return place


@pytest.fixture
def serve(
    start: Start, prepared: Path, env: dict[str, str], interpreter: Path
) -> Callable[..., subprocess.Popen[str]]:
    """`serve(first, …)` starts a server that runs this line of Python first."""

    def serve(first: str = "pass", **settings: str) -> subprocess.Popen[str]:
        shutil.copytree(prepared, env["CMS_DATA_DIR"])
        own = f"import sys; sys.executable = {str(interpreter)!r}"
        program = [sys.executable, "-c", f"{own}\n{first}\n{MAIN}"]
        process = start("serve", program=program, **settings)
        read_until(process, "Serving on")
        return process

    return serve


def kill(processes: list[psutil.Process]) -> None:
    for one in processes:
        one.kill()
    assert psutil.wait_procs(processes, timeout=SECONDS)[1] == []


def told_to_end(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    return finished(process)


def test_a_successor_that_can_not_even_be_begun_changes_nothing(serve, interpreter):
    running = serve()
    interpreter.unlink()

    running.send_signal(signal.SIGUSR2)
    read_until(running, "all goes on as before")
    kill(children(running, 2))

    assert len(children(running, 2)) == 2
    code, output = told_to_end(running)
    assert (code, output.splitlines()[-1]) == (0, "Stopped.")


def test_a_system_that_shares_connections_out_in_no_other_way_is_no_trouble(serve):
    running = serve(
        "import os; from cms.cli.sharing import Sharing; Sharing.look = lambda _: os.close(-1)"
    )
    kill(children(running, 2))

    assert len(children(running, 2)) == 2
    assert told_to_end(running)[0] == 0


def test_a_server_that_fails_says_why_and_ends_all_its_processes(serve):
    broken = "from cms.cli.succession import Successors; Successors.pass_on = None"
    running = serve(broken, CMS_WORKER="on")
    processes = children(running, 3)

    running.send_signal(signal.SIGUSR2)
    code, output = finished(running)

    assert (code, "'NoneType' object is not callable" in output) == (1, True)
    assert psutil.wait_procs(processes, timeout=SECONDS)[1] == []


class TestWhileASuccessorStarts:
    @pytest.fixture
    def waiting(self, serve, interpreter) -> subprocess.Popen[str]:
        running = serve()
        interpreter.write_text(SILENT)
        running.send_signal(signal.SIGUSR2)
        children(running, 3)
        return running

    def test_a_server_that_is_told_to_end_does_not_wait_for_it(self, waiting):
        processes = children(waiting, 3)
        began = time.monotonic()

        code, output = told_to_end(waiting)

        assert (code, output.splitlines()[-1]) == (0, "Stopped.")
        assert time.monotonic() - began < START_SECONDS / 2
        assert psutil.wait_procs(processes, timeout=SECONDS)[1] == []

    def test_a_worker_that_dies_is_replaced(self, waiting):
        workers = [one for one in children(waiting, 3) if "sleep" not in one.name()]

        kill(workers)

        assert len(children(waiting, 3)) == 3


def test_its_worker_comes_back_once_it_can_be_begun(serve, interpreter):
    running = serve(CMS_WORKER="on")
    (first,) = (one for one in children(running, 3) if "beside" in " ".join(one.cmdline()))
    interpreter.unlink()

    kill([first])
    told = "".join(read_until(running, "can not be begun"))
    interpreter.write_text(PYTHON)
    interpreter.chmod(0o755)

    assert "The worker beside the server ended (-9)." in told
    assert any("beside" in " ".join(one.cmdline()) for one in children(running, 3))


@pytest.mark.parametrize("command", ["serve", "run"])
def test_a_wish_for_a_successor_that_comes_too_soon_ends_nothing(start, env, command):
    Path(env["CMS_DATA_DIR"]).mkdir()
    with socket.create_server(("127.0.0.1", 0)) as database:
        database.settimeout(SECONDS)
        url = f"postgresql://cms@127.0.0.1:{database.getsockname()[1]}/cms"
        starting = start(command, CMS_DATABASE_URL=url, CMS_SECRET="x" * 32)
        connection, _ = database.accept()

        starting.send_signal(signal.SIGUSR2)
        connection.close()

    code, output = finished(starting)
    assert (code, "Error: The database" in output) == (1, True), output
