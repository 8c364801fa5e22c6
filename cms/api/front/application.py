"""The WSGI application before Flask. A request with credentials never meets what is kept here."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from cms.api import cors, exchange
from cms.api.conditional import AWAITED, PUBLIC, Finished
from cms.api.front.answers import WORTH_COMPRESSING, Answer, modified_header, surrogates, takes_gzip
from cms.api.front.store import Address, Store
from cms.api.front.validity import FOR_EVER, Away, Validity
from cms.api.problems import CACHE, REQUEST_ID, ROUTE
from cms.api.refusing import refuse
from cms.config import Config
from cms.errors import Unavailable
from cms.reading import EXTENSION
from cms.services.pulse import Mark

Environ = dict[str, Any]
Start = Callable[..., Any]
Inner = Callable[[Environ, Start], Iterable[bytes]]

ASKED_BY = {"GET", "HEAD"}
# Longer addresses are answered, and not kept.
LONGEST_ADDRESS = 2_000
# What is kept, and needs the database: all of it but one, which is the same at any time, and so is
# there while the database is away. No probe, page or file outside is to wait for it.
API, WITHOUT_DATABASE = "/api/v1/", "/api/v1/openapi.json"
ANY_TIME = Mark(0, 0)
# How long one request waits for another that builds the same answer, in seconds.
PATIENCE = 2.0


class Front:
    """Answers repeated public reads from memory, all else by the application behind it."""

    def __init__(self, app: Flask, inner: Inner) -> None:
        self._inner = inner
        self._config: Config = app.config["CMS"]
        reader = app.extensions[EXTENSION]
        self._is_sqlite = reader.is_sqlite
        self.store = Store(self._config.response_cache_bytes)
        self.validity = Validity(reader, self.store)
        add_cors = cors.policy(self._config)
        self._refuse = exchange.with_headers(_unavailable, add_cors)
        self._also = [exchange.NO_SNIFFING, *cors.FOR_ANYONE]
        self._flights: dict[Address, threading.Event] = {}
        self._flights_lock = threading.Lock()
        self.hits = self.misses = self.unchanged = self.passed_by = self.away = 0

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not _is_for_all(environ):
            self.passed_by += 1
            return self._pass_by(environ, start)
        address = (environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        try:
            return self._answer(environ, start, address)
        except Away as away:
            return self._without_database(environ, start, address, away.at)

    def numbers(self) -> dict[str, int]:
        """Counters of this process, and how much is kept at the moment."""
        names = ("hits", "misses", "unchanged", "passed_by", "away")
        store = {"answers": len(self.store), "bytes": self.store.size}
        store |= {"dropped": self.store.dropped, "evicted": self.store.evicted}
        store["leases"] = int(self.validity.is_leased)
        return {name: getattr(self, name) for name in names} | store

    def clear(self) -> None:
        """Forget all answers: for who changed the database past all our ways."""
        self.validity.forget()

    def _answer(self, environ: Environ, start: Start, address: Address) -> Iterable[bytes]:
        mark = self._check(address)
        answer = self._kept(address, mark)
        if answer is None:
            return self._build_once(environ, start, address, mark)
        self.hits += 1
        return self._reply(environ, start, address, answer, mark)

    def _check(self, address: Address) -> Mark:
        return ANY_TIME if address[0] == WITHOUT_DATABASE else self.validity.check()

    def _kept(self, address: Address, mark: Mark) -> Answer | None:
        answer = self.store.get(address)
        fresh = answer is not None and (answer.until is None or mark.latest < answer.until)
        return answer if fresh else None

    def _build_once(
        self, environ: Environ, start: Start, address: Address, mark: Mark
    ) -> Iterable[bytes]:
        """Build an answer, or wait for who builds it already."""
        with self._flights_lock:
            flight = self._flights.get(address)
            if flight is None:
                self._flights[address] = mine = threading.Event()
        if flight is None:
            try:
                return self._build(environ, start, address, mark)
            finally:
                del self._flights[address]
                mine.set()
        flight.wait(PATIENCE)
        mark = self._check(address)
        answer = self._kept(address, mark)
        if answer is None:
            return self._build(environ, start, address, mark)
        self.hits += 1
        return self._reply(environ, start, address, answer, mark)

    def _build(
        self, environ: Environ, start: Start, address: Address, mark: Mark
    ) -> Iterable[bytes]:
        self.misses += 1
        if mark.late:
            # Known by a lease. A server that stands still is noticed sooner so than by reading.
            mark = self.validity.check(surely=True)
        # The time and the generation were read before; so was this.
        tick = self.validity.tick
        awaited: list[Finished] = []
        environ[AWAITED] = awaited
        begun: list[Any] = []
        body = self._inner(environ, lambda *given: begun.append(given))
        if not awaited:
            start(*begun[0])
            return body
        answer = Answer(awaited[0], self._also, environ.get(ROUTE, "-"))
        environ[CACHE] = "miss"
        if self._config.surrogate_keys:
            answer.say("Surrogate-Key", surrogates(answer.keys))
        if answer.size > self.store.largest:
            answer.pack(self.store.largest)
        if answer.until is None or mark.latest < answer.until:
            self.validity.take_in(address, answer, tick)
        return self._reply(environ, start, address, answer, mark)

    def _reply(
        self, environ: Environ, start: Start, address: Address, answer: Answer, mark: Mark
    ) -> list[bytes]:
        if answer.told is not None:
            answer.told()
        compressed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING"))
        headers = [("Cache-Control", self._cache_control(answer, mark.latest)), *answer.head]
        environ[REQUEST_ID] = name = exchange.name_of(environ)
        environ[ROUTE] = answer.route
        environ.setdefault(CACHE, "hit")
        headers.append(("X-Request-Id", name))
        modified = answer.last_modified(mark.at)
        if modified is not None:
            headers.append(modified_header(modified))
        etag = answer.is_known(environ, mark.at, compressed=compressed)
        if etag is not None:
            self.unchanged += 1
            start("304 Not Modified", [("ETag", etag), *headers])
            return []
        body = self._body(address, answer, headers, compressed=compressed)
        headers += (answer.typed, ("Content-Length", str(len(body))))
        start("200 OK", headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _body(
        self, address: Address, answer: Answer, headers: list[tuple[str, str]], *, compressed: bool
    ) -> bytes:
        answer.said += 1
        if compressed:
            worth = answer.compressed is None and len(answer.body) >= WORTH_COMPRESSING
            if worth and answer.said > 1:
                self.store.grow(address, answer, answer.compress())
            if answer.compressed is not None:
                headers += (("ETag", answer.compressed_etag), ("Content-Encoding", "gzip"))
                return answer.compressed
        headers.append(("ETag", answer.etag))
        return answer.whole()

    def _cache_control(self, answer: Answer, now: int) -> str:
        longest = self._config.shared_max_age
        if not longest:
            return PUBLIC
        flip = min(self.validity.window.until, answer.until or FOR_EVER)
        # Whole seconds, and never one too many.
        seconds = min(longest, (flip - now) // 1000)
        return f"{PUBLIC}, s-maxage={seconds}" if seconds > 0 else PUBLIC

    def _pass_by(self, environ: Environ, start: Start) -> Iterable[bytes]:
        # Asked first, where a server that stands still is noticed within a second.
        if not self._is_sqlite and _needs_database(environ):
            try:
                self.validity.knock()
            except Away:
                self.away += 1
                return self._refuse(environ, start)
        return self._inner(environ, start)

    def _without_database(
        self, environ: Environ, start: Start, address: Address, at: int | None
    ) -> Iterable[bytes]:
        if self._is_sqlite:
            # Flask finds out at once what is wrong, and says so.
            return self._inner(environ, start)
        self.away += 1
        mark = None if at is None else Mark(self.validity.window.generation, at)
        answer = mark and self._kept(address, mark)
        if answer is not None:
            return self._reply(environ, _unshared(start), address, answer, mark)
        return self._refuse(environ, start)


def _unshared(start: Start) -> Start:
    """For what no shared cache may keep: no purge is heard while the database is away."""

    def begin(status: str, headers: list[tuple[str, str]]) -> Any:
        others = [one for one in headers if one[0] != "Cache-Control"]
        return start(status, [("Cache-Control", PUBLIC), *others])

    return begin


def _is_for_all(environ: Environ) -> bool:
    """Whether the answer may be one that others get as well."""
    if environ["REQUEST_METHOD"] not in ASKED_BY or environ.get("SCRIPT_NAME"):
        return False
    if environ.get("CONTENT_LENGTH", "") not in {"", "0"}:
        return False
    # What carries a credential, or a body. One by one: a loop takes as long as all else here.
    if "HTTP_AUTHORIZATION" in environ or "HTTP_COOKIE" in environ:
        return False
    path = environ["PATH_INFO"]
    if "HTTP_TRANSFER_ENCODING" in environ or not path.startswith(API):
        return False
    return len(path) + len(environ.get("QUERY_STRING", "")) <= LONGEST_ADDRESS


def _needs_database(environ: Environ) -> bool:
    path = "/" + environ["PATH_INFO"].lstrip("/")
    return path.startswith(API) and path != WITHOUT_DATABASE


def _unavailable(environ: Environ, start: Start) -> Iterable[bytes]:
    return refuse(environ, start, Unavailable())
