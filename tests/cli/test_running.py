"""`cms run`: from an empty folder to a site, and to lines that can be pasted."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.processes import SECONDS, Start, read_until

pytestmark = pytest.mark.thorough


def test_run_prepares_everything_once(start: Start) -> None:
    outputs = []
    for _ in range(2):
        process = start("run")
        outputs.append("".join(read_until(process, "comment newest")))
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)

    assert ["Password:" in one for one in outputs] == [True, False]
    assert ["Loaded" in one for one in outputs] == [True, False]


def test_without_curl_the_lines_still_work(start: Start, tmp_path: Path) -> None:
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
