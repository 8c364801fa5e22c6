"""Processes watched, or hindered, by `strace`."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.faults.sites import until


@contextmanager
def traced(processes: Sequence[psutil.Process], output: Path, *options: str) -> Iterator[None]:
    """Skips the test, and says so, where nobody may trace."""
    command = ["strace", "-f", "-qq", "-o", str(output), *options]
    for one in processes:
        command += ["-p", str(one.pid)]
    try:
        tracer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip("This needs strace, and the machine has none.")
    try:
        until(lambda: tracer.poll() is not None or all(map(is_traced, processes)))
        if tracer.poll() is not None:
            pytest.skip("This needs the right to trace a process, and this user has none.")
        yield
    finally:
        tracer.terminate()
        tracer.wait(30)


def is_traced(process: psutil.Process) -> bool:
    """All of its threads."""
    tasks = Path(f"/proc/{process.pid}/task")
    states = [(tasks / one / "status").read_text() for one in os.listdir(tasks)]
    return all("TracerPid:\t0\n" not in state for state in states)
