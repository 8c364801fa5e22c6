"""What the tests of processes share."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cms.cli import cli
from tests.cli.processes import Start, read_until, settings, starting


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path)


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Start]:
    with starting(env) as start:
        yield start


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    made = CliRunner().invoke(cli, ["init"], env={"CMS_DATA_DIR": str(folder)})
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def running(start: Start, prepared: Path, env: dict[str, str]) -> subprocess.Popen[str]:
    shutil.copytree(prepared, env["CMS_DATA_DIR"])
    process = start("serve")
    read_until(process, "Serving on")
    return process
