"""A clock that is set while programs run by it: libfaketime, between them and the system."""

import importlib.util
import os
from pathlib import Path

LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"


class Clock:
    """Set `env` for a program, and its clock is the machine's, moved by what `move` says.

    What measures how long something takes is left alone, as it is where a clock is set.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.touch()
        self._file.chmod(0o644)
        self.move(0)

    @property
    def env(self) -> dict[str, str]:
        found = importlib.util.find_spec("libfaketime")
        assert found is not None, "libfaketime is among what tests need: `make test`."
        return {
            "LD_PRELOAD": str(Path(found.origin or "").parent / LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def move(self, seconds: int) -> None:
        """By so much from the machine's clock. Whoever reads meanwhile finds the old or the new."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.chmod(0o644)
        os.replace(new, self._file)
