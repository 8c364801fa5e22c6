"""Ask a real server, over a connection of its own each time."""

import http.client
import json
from typing import Any, NamedTuple

PATIENCE = 40


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)["data"]

    @property
    def meta(self) -> Any:
        return json.loads(self.text)["meta"]


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    """`X_Name="…"` is the header `X-Name`. Raises OSError for who is not answered."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    text = None if body is None else json.dumps(body)
    if text is not None:
        given["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, text, given)
        answer = connection.getresponse()
        named = {name.title(): value for name, value in answer.getheaders()}
        return Reply(answer.status, named, answer.read().decode())
    finally:
        connection.close()
