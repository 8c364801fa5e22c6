"""The clock of the machine is set forward and back, under the site and under its database. What
waits shows once, and never early; nobody is locked out.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.database import transaction
from cms.services import users
from tests.building import PASSWORD
from tests.databases import PostgresqlServer
from tests.faults.clocks import Clock
from tests.faults.conftest import KEEPING
from tests.faults.sites import DEADLINE, Place, Reply, Site, placed, until
from tests.faults.test_deliveries import SENDING, hook, ids_of, publish
from tests.faults.writers import POSTS
from tests.receivers import receiving

HOUR, TEN_YEARS = 3600, 10 * 365 * 24 * 3600
WHO = "editor@example.org"
# A worker looks for what is due each second: by then it has, by the clock that is set.
LOOKS_WITHIN = 2


@pytest.fixture
def clock() -> Iterator[Clock]:
    # Not among pytest's folders, which the user of a database can not enter.
    with tempfile.TemporaryDirectory(prefix="cms-clock-") as folder:
        Path(folder).chmod(0o755)
        yield Clock(Path(folder))


@pytest.fixture
def place(
    kind_of_database: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    # A zone whose offset is neither whole hours nor the same all year round.
    zone = {"TZ": "Australia/Lord_Howe", "CMS_RATE_LIMITS": "on"}
    if kind_of_database == "sqlite":
        with placed(tmp_path, **zone) as place:
            place.env.update(clock.env | SENDING)
            yield place
        return
    with monkeypatch.context() as here:
        for name, value in clock.env.items():
            here.setenv(name, value)
        server = PostgresqlServer(KEEPING)
    with placed(tmp_path, CMS_DATABASE_URL=server.url, **zone) as place:
        place.env.update(clock.env | SENDING)
        yield place
    server.stop()


def test_f13_what_waits_shows_once_and_never_before_its_time(place: Place, clock: Clock):
    with receiving() as receiver, place.served() as site:
        until(lambda: has_worker(site), 2 * DEADLINE)
        hook(site, receiver.url)
        post = scheduled(site, timedelta(hours=1))
        shown = []
        # Forward, back before its time, and forward again: past it, and by ten years.
        for moved in (0, HOUR + 5, 0, HOUR + 60, TEN_YEARS):
            clock.move(moved)
            until(lambda: is_public(site, post) == (moved > HOUR))  # noqa: B023
            shown.append(is_public(site, post))
            time.sleep(LOOKS_WITHIN)
            if moved > HOUR:
                until(lambda: post["id"] in ids_of(receiver))
        # Were there a second event, it would come before this one.
        clock.move(0)
        other = publish(site)
        until(lambda: other in ids_of(receiver))

    assert shown == [False, True, False, True, True]
    assert len(ids_of(receiver)[post["id"]]) == 1


def test_f13_a_clock_that_is_set_back_locks_nobody_out(place: Place, clock: Clock):
    with any_schema(place.config), transaction():
        users.add(OPERATOR, email=WHO, name="An editor", role="editor", password=PASSWORD)
    with place.served() as site:
        clock.move(HOUR)
        signed_in = sign_in(site, PASSWORD)
        wrong = [sign_in(site, "wrong") for _ in range(12)]
        clock.move(0)
        again = sign_in(site, PASSWORD)
        cookie = {"Cookie": signed_in.headers["Set-Cookie"].partition(";")[0]}
        me = site.ask("GET", "/api/v1/auth/me", headers=cookie)
        clock.move(TEN_YEARS)
        later = site.ask("GET", "/api/v1/auth/me", headers=cookie)

    assert (signed_in.status, wrong[-1].status) == (200, 429)
    assert again.status == 200, "What was counted an hour ahead counts no more."
    assert (me.status, later.status) == (200, 401), "A session is good until its end."


@pytest.mark.skipif("not config.getoption('--rounds')", reason="A minute: `--rounds 1`.")
def test_f13_what_was_put_off_ten_years_ahead_is_not_waited_for(place: Place, clock: Clock):
    with receiving() as receiver:
        receiver.answers = lambda _number: (503, {"Retry-After": "3600"})
        clock.move(TEN_YEARS)
        with place.served() as site:
            hook(site, receiver.url)
            post = publish(site)
            receiver.wait_for(1)
        receiver.answers = lambda _number: (200, {})
        clock.move(0)
        with place.served() as site:
            until(lambda: len(receiver.arrived) == 2)
            other = publish(site)
            until(lambda: other in ids_of(receiver))

    assert len(ids_of(receiver)[post]) == 1


def scheduled(site: Site, wait: timedelta) -> dict[str, str]:
    """A new post that shows after so long, by the machine's clock."""
    body = {"format": "markdown", "source": "Text."}
    post = site.ask("POST", POSTS, {"title": "Warm hands", "body": body}).body["data"]
    at = (datetime.now(UTC) + wait).isoformat()
    assert site.ask("PUT", f"{POSTS}/{post['id']}/publication", {"publish_at": at}).status == 200
    return post


def has_worker(site: Site) -> bool:
    return "worker" not in site.ask("GET", "/readyz").body.get("warnings", {})


def is_public(site: Site, post: dict[str, str]) -> bool:
    return site.ask("GET", f"/api/v1/posts/{post['slug']}").status == 200


def sign_in(site: Site, password: str) -> Reply:
    return site.ask("POST", "/api/v1/auth/login", {"email": WHO, "password": password})
