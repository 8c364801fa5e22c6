"""What the public can ask by the description, and what it can tell answers apart by."""

import re
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient


def public_gets(client: FlaskClient) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The path of each public GET of the description, and its parameters."""
    document = client.get("/api/v1/openapi.json").json
    for path, item in document["paths"].items():
        # What a preview shows is for who has its token; see `test_previews`.
        if "get" in item and {} in (item["get"].get("security") or [{}]) and "{token}" not in path:
            given = [*item.get("parameters", []), *item["get"].get("parameters", [])]
            yield path, [one for one in given if one["in"] == "query"]


def seen(answer: Any) -> tuple[int, list[tuple[str, str]], str]:
    """What a reader can tell answers apart by."""
    # Who brings credentials gets an answer of their own: nobody watched since when it is so.
    varying = {"X-Request-Id", "Date", "Last-Modified"}
    headers = sorted((name, one) for name, one in answer.headers if name not in varying)
    return answer.status_code, headers, without_request_id(answer.text)


def without_request_id(text: str) -> str:
    return re.sub(r'"request_id":"[^"]*"', "", text)
