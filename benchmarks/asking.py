"""One connection to a server, kept open, for one thing after the other."""

from http.client import HTTPConnection
from typing import Any

import orjson

PATIENCE = 60


class Asking:
    def __init__(self, port: int, token: str = "") -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str) -> Any:
        """The answer to what must succeed."""
        status, answer = self.send("GET", path)
        assert status == 200, answer
        return answer

    def put(self, path: str, values: Any = None, *, method: str = "PUT") -> Any:
        status, answer = self.send(method, path, values)
        assert status in {200, 201}, answer
        return answer["data"]

    def send(self, method: str, path: str, values: Any = None) -> tuple[int, Any]:
        body = None if values is None else orjson.dumps(values)
        headers = self.headers if body is None else self.headers | WRITING
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, orjson.loads(answer.read())


WRITING = {"Content-Type": "application/json", "If-Match": "*"}
