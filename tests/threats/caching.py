"""A small cache between readers and a site, that keeps whatever RFC 9111 lets a shared cache keep.

It stands on loopback, before a real WSGI server. It asks again where it must, by ETag.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

# Those of one connection, which no proxy hands on.
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "te", "trailer", "upgrade"}


class Kept:
    def __init__(self, asked: dict[str, str], answer: "Answer") -> None:
        names = answer.headers.get("vary", "").lower().split(",")
        self.varied = {one.strip(): asked.get(one.strip()) for one in names if one.strip()}
        self.answer = answer

    def suits(self, asked: dict[str, str]) -> bool:
        return all(asked.get(name) == value for name, value in self.varied.items())


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def may_be_kept(self, asked: dict[str, str]) -> bool:
        """Section 3: also what was asked for with credentials, where the answer says `public`."""
        said = self.headers.get("cache-control", "")
        if self.status not in {200, 301, 404} or "no-store" in said or "private" in said:
            return False
        if self.headers.get("vary") == "*":
            return False
        return "public" in said or "authorization" not in asked


class Cache:
    """`url` is where readers ask; `hits` how often one got what another had asked for."""

    def __init__(self, origin: int) -> None:
        self.origin, self.hits = origin, 0
        self.kept: dict[str, list[Kept]] = {}
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self.server.server_port

    def answer(self, method: str, path: str, asked: dict[str, str], body: bytes) -> Answer:
        if method not in {"GET", "HEAD"}:
            return self._ask(method, path, asked, body)
        with self._lock:
            found = next((one for one in self.kept.get(path, []) if one.suits(asked)), None)
        if found is None or "range" in asked:
            answer = self._ask(method, path, asked, body)
            self._keep(method, path, asked, answer)
            return answer
        return self._asked_again(method, path, asked, found.answer)

    def _asked_again(self, method: str, path: str, asked: dict[str, str], old: Answer) -> Answer:
        """`max-age=0, must-revalidate`: what is kept is shown once the site says that it is so."""
        own = {name: value for name, value in asked.items() if name != "if-none-match"}
        again = self._ask(method, path, own | {"if-none-match": old.headers.get("etag", "")}, b"")
        if again.status != 304:
            self._keep(method, path, asked, again)
            return again
        self.hits += 1
        return Answer(old.status, old.headers | again.headers, old.body)

    def _keep(self, method: str, path: str, asked: dict[str, str], answer: Answer) -> None:
        if method == "GET" and "range" not in asked and answer.may_be_kept(asked):
            with self._lock:
                others = [one for one in self.kept.get(path, []) if not one.suits(asked)]
                self.kept[path] = [*others, Kept(asked, answer)]

    def _ask(self, method: str, path: str, asked: dict[str, str], body: bytes) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.origin, timeout=30)
        try:
            connection.request(method, path, body or None, asked)
            got = connection.getresponse()
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, named, got.read())
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cache = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                asked = {name.lower(): value for name, value in self.headers.items()}
                asked = {name: one for name, one in asked.items() if name not in HOP_BY_HOP}
                body = self.rfile.read(int(asked.get("content-length", 0)))
                answer = cache.answer(self.command, self.path, asked, body)
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    if name not in HOP_BY_HOP | {"content-length"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body if self.command != "HEAD" else b"")

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def cached(app: Flask) -> Iterator[Cache]:
    """The application behind a cache."""
    origin = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    cache = Cache(origin.server_port)
    servers = [origin, cache.server]
    for one in servers:
        threading.Thread(target=one.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield cache
    finally:
        for one in reversed(servers):
            one.shutdown()
            one.server_close()
