"""Problems that a layer before Flask answers with, in the same shape as all others."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import orjson

from cms.api.problems import PROBLEM_JSON, members
from cms.errors import CmsError


def refuse(environ: dict[str, Any], start: Callable[..., Any], error: CmsError) -> Iterable[bytes]:
    problem = members(environ, error.status, reason=error.reason, detail=error.message)
    headers = [("Content-Type", PROBLEM_JSON), ("Cache-Control", "no-store")]
    if (seconds := getattr(error, "retry_after", None)) is not None:
        headers.append(("Retry-After", str(seconds)))
    start(f"{error.status} {HTTPStatus(error.status).phrase}", headers)
    return [orjson.dumps(problem)]
