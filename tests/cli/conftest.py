"""What the tests of processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.processes import Start, settings, starting


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path)


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Start]:
    with starting(env) as start:
        yield start
