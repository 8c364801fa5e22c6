"""Clients that never stop, and what went wrong for them."""

import http.client
import json
import random
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.sites import DEADLINE, HERE, HOT, Site, until

# Each asks for one of these in turn, and writes now and then.
READS = [HOT, "/api/v1/posts?limit=1", "/api/v1/site", "/healthz"]
WRITES_EVERY = 10
DICE = random.Random()  # noqa: S311


class Client:
    """Keeps its connection, as a proxy does, or makes a new one for each request.

    With `asks_again` it does as proxies do: a read on a connection that is gone is sent once more.
    """

    def __init__(self, site: Site, keeps: bool, asks_again: bool) -> None:
        self._site, self._keeps, self._asks_again = site, keeps, asks_again
        self._connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=DEADLINE)
        self.answered, self._asked = 0, ""
        self.failed: list[str] = []

    def go_on(self, ending: threading.Event) -> None:
        while not ending.is_set():
            try:
                self._ask()
                self.answered += 1
            except (OSError, http.client.HTTPException, AssertionError) as error:
                kind = "kept" if self._keeps else "new"
                self.failed.append(f"{kind} {self._asked} {error!r}")
                self._connection.close()
            # Connections are idle now and then, too.
            ending.wait(DICE.choice([0.01, 0.05, 0.3]))
        self._connection.close()

    def _ask(self) -> None:
        if not self._keeps:
            self._connection.close()
        if self.answered % WRITES_EVERY:
            self._read(DICE.choice(READS))
            return
        name = f"t{secrets.token_hex(8)}"
        self._site.journal.note("sent", name)
        self._send("POST", HERE, json.dumps({"name": name, "slug": name}))
        self._site.journal.note("acked", name)

    def _read(self, path: str) -> None:
        try:
            self._send("GET", path)
        except (OSError, http.client.HTTPException):
            if not self._asks_again:
                raise
            self._connection.close()
            self._send("GET", path)

    def _send(self, method: str, path: str, body: str | None = None) -> None:
        headers = {"Content-Type": "application/json"} if body else {}
        if body:
            headers["Authorization"] = f"Bearer {self._site.token}"
        self._asked = method
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 201), (method, path, answer.status, text[:200])


class Clients(list[Client]):
    @property
    def failed(self) -> list[str]:
        return [one for client in self for one in client.failed]

    @property
    def answered(self) -> int:
        return sum(client.answered for client in self)

    def more_answered(self, number: int = 50) -> None:
        goal = self.answered + number
        until(lambda: self.answered >= goal)


@contextmanager
def asking(site: Site, number: int = 8, *, asks_again: bool = False) -> Iterator[Clients]:
    """Half of them keep their connections."""
    clients = Clients(Client(site, bool(n % 2), asks_again) for n in range(number))
    ending = threading.Event()
    threads = [threading.Thread(target=one.go_on, args=(ending,)) for one in clients]
    for one in threads:
        one.start()
    try:
        yield clients
    finally:
        ending.set()
        for one in threads:
            one.join()
