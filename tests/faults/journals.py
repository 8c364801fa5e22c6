"""What was sent and what was acknowledged, in a file that no fault of a site reaches."""

import os
import secrets
import tempfile
import threading
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108


class Journal:
    """On another file system than the site, and synced line by line."""

    def __init__(self, site: Path) -> None:
        folder = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
        self._path = folder / f"cms-journal-{secrets.token_hex(6)}"
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._writing = threading.Lock()
        assert self._path.stat().st_dev != site.stat().st_dev

    def note(self, what: str, key: str) -> None:
        with self._writing:
            os.write(self._file, f"{what} {key}\n".encode())
            os.fsync(self._file)

    def keys(self, what: str) -> list[str]:
        lines = [line.split(" ", 1) for line in self._path.read_text().splitlines()]
        return [key for noted, key in lines if noted == what]

    def close(self) -> None:
        os.close(self._file)
        self._path.unlink()
