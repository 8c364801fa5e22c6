"""Where the bytes of uploaded files are: a folder for each upload, in it a file for each size.

One small interface, so that another store can take the place of the local folder. A folder is
written once, whole, and never changed.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cms.config import Config
from cms.errors import StorageUnavailable

# Nothing else is a folder or a file here, so no name can lead out of the store.
FOLDER = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.(?:jpg|png|gif|webp|pdf)")
# How the folder of an upload begins that is not written to its end.
UNFINISHED = ".new-"


@dataclass(frozen=True)
class Kept:
    """A folder of the store, and for how many seconds it has been there."""

    folder: str
    age: float


class Storage(Protocol):
    def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep a new folder: all of it, or nothing. Raises StorageUnavailable."""

    def get(self, folder: str, name: str) -> bytes | None:
        """The bytes of a file, or None. Raises StorageUnavailable."""

    def remove(self, folder: str) -> None:
        """Forget a folder, also one that is not there."""

    def kept(self) -> Iterator[Kept]:
        """Every folder, those that were never finished too."""


class LocalFolder:
    """The store in a folder of this machine, or one that several machines share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        unfinished = self._root / f"{UNFINISHED}{secrets.token_hex(8)}"
        try:
            unfinished.mkdir(parents=True)
            for name, data in files.items():
                _write(unfinished / _checked(NAME, name), data)
            _sync(unfinished)
            unfinished.rename(self._root / _checked(FOLDER, folder))
            _sync(self._root)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise StorageUnavailable() from error

    def get(self, folder: str, name: str) -> bytes | None:
        path = self._root / _checked(FOLDER, folder) / _checked(NAME, name)
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StorageUnavailable() from error

    def remove(self, folder: str) -> None:
        if not folder.startswith(UNFINISHED):
            _checked(FOLDER, folder)
        with suppress(FileNotFoundError):
            shutil.rmtree(self._root / folder)

    def kept(self) -> Iterator[Kept]:
        now = time.time()
        with suppress(FileNotFoundError), os.scandir(self._root) as found:
            for one in found:
                if FOLDER.fullmatch(one.name) or one.name.startswith(UNFINISHED):
                    yield Kept(one.name, now - one.stat().st_mtime)


def storage(config: Config) -> Storage:
    """The store that the settings name."""
    return LocalFolder(config.data_dir / "media")


def _checked(shape: re.Pattern[str], name: str) -> str:
    if shape.fullmatch(name) is None:
        raise ValueError(f"not a name of the store: {name!r}")
    return name


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Have the names in a folder survive a power failure too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
