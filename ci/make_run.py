"""`make run` as a process: what it prints, when it is up, and what it leaves behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue

STOP_SECONDS = 30


class Run:
    """One `make run`, in its own process group as in a terminal."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.env = env
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._queue: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_until_up(self, seconds: float) -> float:
        """Wait for the second line to paste; say how long it took."""
        deadline = self.started + seconds
        while len(self.to_paste) < 2:
            try:
                line = self._queue.get(timeout=max(0, deadline - time.monotonic()))
            except Empty:
                line = None
            if line is None:
                raise SystemExit(f"`make run` did not come up:\n{self.output}")
            self.lines.append(line)
            print(f"  | {line}")
        return time.monotonic() - self.started

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def to_paste(self) -> list[str]:
        return [line for line in self.lines if " -sS " in line]

    def stop(self, how: Callable[[], None]) -> bool:
        how()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            return False
        return wait_for(lambda: not self.left_over())

    def left_over(self) -> list[str]:
        """Processes with this run's environment, whoever their parent is by now."""
        mark = f"CMS_DATA_DIR={self.env['CMS_DATA_DIR']}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found


def wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()
