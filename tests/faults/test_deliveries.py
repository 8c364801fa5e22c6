"""Webhooks: receivers as bad as the net has them, and a site that is killed before it sends."""

import json
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import pytest

from benchmarks import deaths
from cms.models.webhook import WAITS
from cms.services.delivery_outcomes import JITTER
from cms.times import parse_time
from tests.faults.sites import Place, Site, until
from tests.faults.test_kills import kill
from tests.faults.writers import POSTS
from tests.receivers import Receiver, receiving, speaking

HOOKS = "/api/v1/manage/webhooks"
SENDING = {"CMS_WORKER": "on", "CMS_OUTBOUND_ALLOW": "127.0.0.0/8"}
Headers = Callable[[Receiver], dict[str, str]]
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("moment", ["at once", "while it is sent"])
def test_f12_what_was_committed_before_a_kill_arrives_under_one_id(
    place: Place, rounds: int, moment: str
):
    published: list[str] = []
    with receiving() as receiver:
        for number in range(rounds):
            with place.served(**SENDING) as site:
                if number == 0:
                    hook(site, receiver.url)
                published += publish_and_die(site, receiver, moment)
        with place.served(**SENDING):
            until(lambda: set(published) <= set(ids_of(receiver)))

    assert set(ids_of(receiver)) == set(published)
    ids = ids_of(receiver).values()
    assert {len(names) for names in ids} == {1}, "Always the same id."
    assert set(receiver.held) <= set().union(*ids), "Also of what nobody has heard."


def test_f12_workers_that_are_killed_lose_nothing_and_send_nothing_early(
    database: str, rounds: int
):
    """Raises AssertionError for what is lost, early, sent by two at once, or was undone."""
    kind = "postgresql" if database else "sqlite"

    deaths.main(["--kills", str(4 * rounds), "--database", kind])


def test_f11_bad_receivers_delay_no_other_and_are_tried_by_the_schedule(place: Place):
    with ExitStack() as held, place.served(**SENDING) as site:
        target, good = held.enter_context(receiving()), held.enter_context(receiving())
        hooks = {
            name: hook(site, held.enter_context(make(target))) for name, (make, _) in BAD.items()
        }
        hook(site, good.url)
        first = publish(site)
        until(lambda: first in ids_of(good))
        # By then, what takes longest is still being waited for.
        waited_for = [name for name, one in hooks.items() if not tries(site, one)]
        until(lambda: all(tries(site, one) for one in hooks.values()))
        found = {name: tries(site, one)[0] for name, one in hooks.items()}
        off = [name for name, one in hooks.items() if not look(site, one)["active"]]

    assert {"slow", "silent"} <= set(waited_for), "They delay no other."
    for name, (_, expected) in BAD.items():
        said = told(found[name]["attempts"][0])
        assert said == expected or said in BROKEN == expected, name
    assert [name for name, one in found.items() if one["status"] == "received"] == ["endless"]
    assert all(is_on_schedule(one) for one in found.values())
    assert (target.arrived, off) == ([], ["gone"])


def publish_and_die(site: Site, receiver: Receiver, moment: str) -> list[str]:
    """Five posts; the site is killed when the last is committed, or the first is on its way."""
    if moment == "while it is sent":
        receiver.looks.clear()
    before = len(receiver.held)
    published = [publish(site) for _ in range(5)]
    until(lambda: receiver.looks.is_set() or len(receiver.held) > before)
    kill(site.process)
    receiver.looks.set()
    return published


def told(attempt: dict[str, Any]) -> int | str:
    return attempt["status_code"] or attempt["failure"]


def is_on_schedule(delivery: dict[str, Any]) -> bool:
    """The next attempt, where there is one, comes in the first wait and a tenth of it."""
    if delivery["status"] != "waiting" or len(delivery["attempts"]) != 1:
        return True
    wait = parse_time(delivery["due_at"]) - parse_time(delivery["attempts"][0]["at"])
    return WAITS[0] <= wait <= (1 + JITTER) * WAITS[0]


def refusing(_target: Receiver) -> AbstractContextManager[str]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    return nullcontext(f"http://127.0.0.1:{port}/")


def spoken(speak: Callable[[socket.socket], Any]) -> Callable[..., AbstractContextManager[str]]:
    return lambda _target: speaking(speak)


def answering(status: int, headers: Headers | None = None) -> Callable[..., Any]:
    @contextmanager
    def answer(target: Receiver) -> Iterator[str]:
        with receiving() as one:
            given = {} if headers is None else headers(target)
            one.answers = lambda _number: (status, given)
            yield one.url

    return answer


def slow(one: socket.socket) -> None:
    for byte in HEAD:
        one.sendall(bytes([byte]))
        time.sleep(1)


def silent(one: socket.socket) -> None:
    while one.recv(10_000):
        pass


def endless(one: socket.socket) -> None:
    one.sendall(HEAD + b"\r\n")
    while True:
        one.sendall(bytes(65536))


def reset(one: socket.socket) -> None:
    one.recv(10_000)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


TOO_LONG = "It took too long."
# Which of the two it is depends on what the system was asked first.
BROKEN = ("The connection was broken off.", "The connection was closed without an answer.")
# How each is made, and what the log says of the first attempt: a status, or why there is none.
BAD: dict[str, tuple[Callable[[Receiver], AbstractContextManager[str]], Any]] = {
    "down": (refusing, "The connection was refused."),
    "broken": (answering(500), 500),
    "slow": (spoken(slow), TOO_LONG),
    "silent": (spoken(silent), TOO_LONG),
    "endless": (spoken(endless), 200),
    "elsewhere": (answering(307, lambda target: {"Location": target.url}), 307),
    "gone": (answering(410), 410),
    "reset": (spoken(reset), BROKEN),
}


def hook(site: Site, url: str) -> str:
    reply = site.ask("POST", HOOKS, {"url": url, "events": ["post.published"]})
    assert reply.status == 201, reply.body
    return reply.body["data"]["id"]


def publish(site: Site) -> str:
    """The id of a new post that everybody sees."""
    body = {"format": "markdown", "source": "Text."}
    post = site.ask("POST", POSTS, {"title": "Warm hands", "body": body}).body["data"]["id"]
    assert site.ask("PUT", f"{POSTS}/{post}/publication", {}).status == 200
    return post


def ids_of(receiver: Receiver) -> dict[str, set[str]]:
    """For each post, under which ids a receiver was told of it."""
    found = defaultdict(set)
    for headers, body in list(receiver.arrived):
        found[json.loads(body)["data"]["id"]].add(headers["webhook-id"])
    return found


def tries(site: Site, made: str) -> list[dict[str, Any]]:
    """The deliveries of a webhook of which one attempt at least has ended."""
    found = site.ask("GET", f"{HOOKS}/{made}/deliveries?limit=100").body["data"]
    return [one for one in found if one["attempts"]]


def look(site: Site, made: str) -> dict[str, Any]:
    return site.ask("GET", f"{HOOKS}/{made}").body["data"]
