"""A real server with writers that never stop, and what each of them was told."""

import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cms import create_app
from cms.config import Config
from cms.extensions import db
from cms.reading import reader
from cms.services import migrating
from tests import building
from tests.cli.processes import read_until, settings, starting
from tests.faults.journals import Journal

# No fault lasts as long; a test that waits so long has failed.
DEADLINE = 40
# Of what no writer here changes.
HOT = "/api/v1/faqs"
# What they write. No answer about it comes from memory.
HERE = "/api/v1/manage/tags"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: Any
    # How long it was waited for.
    seconds: float = 0.0


@dataclass
class Site:
    port: int
    token: str
    process: Any
    journal: Journal
    kept: list[str] = field(default_factory=list)
    refused: list[Reply] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Raises TimeoutError for who is never answered."""
        # Reads are a stranger's, outside `/manage`: they may be answered from memory.
        given = {"Content-Type": "application/json", "If-Match": "*"} if body is not None else {}
        if "/manage/" in path:
            given["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        began = time.monotonic()
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, given | (headers or {}))
            answer = connection.getresponse()
            text = answer.read()
            named = {name.title(): value for name, value in answer.getheaders()}
            took = time.monotonic() - began
            return Reply(answer.status, named, json.loads(text or b"null"), took)
        finally:
            connection.close()

    def write(self) -> Reply:
        name = f"t{secrets.token_hex(8)}"
        self.journal.note("sent", name)
        reply = self.ask("POST", HERE, {"name": name, "slug": name})
        if reply.status == 201:
            self.journal.note("acked", name)
            self.kept.append(name)
        else:
            self.refused.append(reply)
        return reply

    def read(self) -> int:
        return self.ask("GET", HOT).status

    @contextmanager
    def written_to(self, writers: int = 4) -> Iterator[None]:
        """Writers go on and on, whatever they are told. Their failures fail the test."""
        # Each over a connection of its own, so that each process has it in memory.
        for _ in range(20):
            assert self.read() == 200
        with going_on(writers, self._go_on):
            yield

    def _go_on(self, ending: threading.Event) -> None:
        while not ending.is_set():
            if self.write().status != 201:
                ending.wait(0.05)

    def more_kept(self, number: int = 10) -> None:
        """Wait until so many more are kept."""
        goal = len(self.kept) + number
        until(lambda: len(self.kept) >= goal)

    def more_refused(self, number: int = 1) -> None:
        goal = len(self.refused) + number
        until(lambda: len(self.refused) >= goal)

    def check(self) -> None:
        """What was acknowledged is there, once; what was refused came with when to ask again."""
        found = []
        query = "?limit=100"
        while query is not None:
            page = self._page(query)
            found += [one["slug"] for one in page["data"]]
            cursor = page["meta"]["next_cursor"]
            query = None if cursor is None else f"?limit=100&cursor={cursor}"
        assert len(found) == len(set(found)), "There twice."
        lost = set(self.journal.keys("acked")) - set(found)
        assert lost == set(), f"Acknowledged, and lost: {lost}"
        statuses = {one.status for one in self.refused}
        assert statuses <= {503}, f"Refused as {statuses}."
        assert all("Retry-After" in one.headers for one in self.refused)

    def _page(self, query: str) -> Any:
        """One of the two processes may still think that the database is away."""
        replies: list[Reply] = []
        until(lambda: replies.append(self.ask("GET", HERE + query)) or replies[-1].status == 200)
        return replies[-1].body


def until(holds: Callable[[], bool], seconds: float = DEADLINE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def tell(measured: str) -> None:
    """What a run has measured, for who asks: `-s` shows it. Nothing is asserted of it."""
    print(measured)  # noqa: T201


@dataclass(frozen=True)
class Place:
    """A site that can be served again and again: its settings, who may write, and the journal."""

    env: dict[str, str]
    token: str
    journal: Journal

    @property
    def config(self) -> Config:
        return Config.from_env(self.env)

    @contextmanager
    def served(self, **given: str) -> Iterator[Site]:
        with starting(self.env | given) as start:
            process = start("serve")
            try:
                read_until(process, "Serving on")
                threading.Thread(target=process.stdout.read, daemon=True).start()
                yield Site(int(self.env["PORT"]), self.token, process, self.journal)
            finally:
                process.terminate()
                process.wait(DEADLINE)


@contextmanager
def placed(folder: Path, **given: str) -> Iterator[Place]:
    """A site in a new folder `data` of this one."""
    env = settings(folder) | {"CMS_SECRET": "a secret of tests", "CMS_RATE_LIMITS": "off"} | given
    token = prepared(Config.from_env(env))
    with closing(Journal(folder)) as journal:
        yield Place(env, token, journal)


@contextmanager
def served(folder: Path, **given: str) -> Iterator[Site]:
    """A site with one tag, served by two processes."""
    with placed(folder, **given) as place, place.served() as site:
        site.write()
        yield site


def prepared(config: Config) -> str:
    """The token of an administrator."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    app = create_app(config)
    with app.app_context():
        migrating.upgrade(db.engine)
        token = building.signed_in(app, "admin").token
        db.session.remove()
        db.engine.dispose()
        reader().close()
    return token


@contextmanager
def going_on(number: int, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """So many threads that work until an event says that it is over. A failure of one fails all."""
    ending, failed = threading.Event(), []

    def watched() -> None:
        try:
            work(ending)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=watched) for _ in range(number)]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        ending.set()
        for one in threads:
            one.join()
    assert failed == []
