"""The API's description as it was last reviewed.

`python -m tests.api.openapi_snapshot` writes it anew, so that a review sees what a change does to
the API.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from cms import create_app
from cms.api.openapi import description
from cms.config import Config

SNAPSHOT = Path(__file__).parent / "openapi.json"


def present() -> dict[str, Any]:
    """What the API says of itself now."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data_dir=Path(folder), secret="snapshot", public_url="https://api.example.org"
        )
        with create_app(config).app_context():
            return json.loads(as_text(description()))


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(as_text(present()))
