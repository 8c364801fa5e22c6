"""The server is killed with all its processes, under eight writers, again and again."""

import random
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from statistics import median

import psutil
import pytest

from cms.cli.opening import any_schema
from cms.services import checkup
from tests.databases import PostgresqlServer
from tests.faults.clients import asking
from tests.faults.sites import HERE, Place, Site, tell, until
from tests.faults.writers import POSTS, Writers

COMMENTS = "/api/v1/manage/comments"
MOMENTS = random.Random()  # noqa: S311


def test_f1_killed_servers_lose_and_double_nothing(
    place: Place, rounds: int, request: pytest.FixtureRequest
):
    writers, waits = None, []
    for _ in range(rounds):
        with ready(place, waits) as site:
            writers = writers or Writers(post_to_comment(site))
            with writers.writing_to(site):
                writers.more_acked(8)
                time.sleep(MOMENTS.uniform(0, 1))
                kill(site.process)
    with place.served() as site:
        writers.send_again(site)
        found = rows(site)

    tell(f"ready after {median(waits):.1f} s, {max(waits):.1f} at most; {len(found)} writes")
    acked, sent = (set(place.journal.keys(one)) for one in ("acked", "sent"))
    assert acked == sent, "Everything is acknowledged in the end."
    assert found == Counter(acked), "Each is there, and once."
    assert is_whole(place, request)


def test_f2_a_worker_that_is_killed_each_second_takes_only_its_own_requests_along(
    place: Place, rounds: int
):
    kills = 3 * rounds
    with place.served() as site, asking(site, asks_again=True) as clients:
        for _ in range(kills):
            time.sleep(1)
            MOMENTS.choice(psutil.Process(site.process.pid).children()).kill()
            # New connections go to either: on a busy machine a worker takes a while to begin.
            assert {site.read() for _ in range(8)} == {200}
        clients.more_answered()

    with place.served() as site:
        site.check()
    # A write that was under way is not sent again. All else is somebody else's, or asked again.
    assert all("POST" in one for one in clients.failed), clients.failed
    assert len(clients.failed) <= kills * len(clients) / 2, clients.failed
    tell(f"{kills} workers killed: {len(clients.failed)} of {clients.answered} requests failed")


@contextmanager
def ready(place: Place, waits: list[float]) -> Iterator[Site]:
    """A site that can be written to. How long that took is added to `waits`."""
    began = time.monotonic()
    with place.served() as site:
        until(lambda: site.ask("GET", "/readyz").status == 200)
        waits.append(time.monotonic() - began)
        yield site


def post_to_comment(site: Site) -> str:
    body = {"format": "markdown", "source": "Text."}
    post = site.ask("POST", POSTS, {"title": "Warm hands", "body": body}).body["data"]
    assert site.ask("PUT", f"{POSTS}/{post['id']}/publication", {}).status == 200
    return post["slug"]


def kill(process: subprocess.Popen) -> None:
    """The server and its workers, in any order: none may tidy up."""
    family = [process, *psutil.Process(process.pid).children(recursive=True)]
    MOMENTS.shuffle(family)
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


def rows(site: Site) -> Counter:
    """What there is of the writers' keys, by what the API shows of each kind."""
    found = [one["author"]["name"] for one in everything(site, COMMENTS)]
    found += [one["slug"] for one in everything(site, HERE)]
    posts = [one["slug"] for one in everything(site, "/api/v1/posts")]
    # Who looks for a post finds it, and no other.
    for slug in posts:
        hits = site.ask("GET", f"/api/v1/search?q={slug}").body["data"]
        assert [one["slug"] for one in hits] == [slug] or slug == "warm-hands"
    return Counter(one for one in [*found, *posts] if one != "warm-hands")


def everything(site: Site, path: str) -> list[dict]:
    found, query = [], "?limit=100"
    while query:
        reply = site.ask("GET", path + query)
        assert reply.status == 200, reply.body
        found += reply.body["data"]
        cursor = reply.body["meta"]["next_cursor"]
        query = cursor and f"?limit=100&cursor={cursor}"
    return found


def is_whole(place: Place, request: pytest.FixtureRequest) -> bool:
    """The file or the server itself, and every count and index that the site keeps."""
    with any_schema(place.config):
        problems = [one for one in checkup.findings(place.config) if one.state == "problem"]
    assert problems == []
    if not place.config.database_url:
        with closing(sqlite3.connect(place.config.data_dir / "site.db")) as connection:
            return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return is_sound(request.getfixturevalue("postgresql"), place.config.database_url)


def is_sound(server: PostgresqlServer, url: str) -> bool:
    """Every table and index, by the database's own check."""
    command = [server.binaries / "pg_amcheck", "--install-missing", "-h", "127.0.0.1"]
    command += ["-p", str(server.port), "-U", "postgres", url.rpartition("/")[2]]
    return subprocess.run(command, check=False).returncode == 0
