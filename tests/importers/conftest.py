"""What the tests of seeds share."""

from pathlib import Path

import pytest

from tests.importers import folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folders.write(tmp_path)
