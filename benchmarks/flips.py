"""How late each of several processes shows what was to begin, to change, or to end at a time."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.asking import Asking

POSTS = "/api/v1/manage/posts"
AHEAD = timedelta(seconds=3)
ROUNDS = 5
# What is asked for between one look and the next would only warm the machine.
APART = 0.002


def lateness(asking: Asking, ports: Sequence[int]) -> dict[str, list[float]]:
    """Milliseconds from the planned moment to the end of the first answer that shows it.

    Of each process, several times. Raises AssertionError for an answer that showed it too early.
    """
    kinds = {"begins": _beginning, "changes": _changing, "ends": _ending}
    found: dict[str, list[float]] = {}
    for name, plan in kinds.items():
        found[name] = [late for n in range(ROUNDS) for late in _watched(asking, ports, plan, n)]
    return found


def _watched(asking: Asking, ports: Sequence[int], plan: object, number: int) -> list[float]:
    at = datetime.now(UTC) + AHEAD
    at = at.replace(microsecond=0)
    slug = f"flip-{plan.__name__.strip('_')}-{number}"
    expected = plan(asking, slug, at.isoformat().replace("+00:00", "Z"))
    late: list[float] = []
    watchers = [
        threading.Thread(target=_watch, args=(port, slug, expected, at.timestamp(), late))
        for port in ports
    ]
    for one in watchers:
        one.start()
    for one in watchers:
        one.join()
    assert len(late) == len(ports), "A process showed it too early, or not at all."
    return late


def _watch(port: int, slug: str, expected: tuple[int, str], at: float, late: list[float]) -> None:
    asking, deadline = Asking(port), at + 10
    while time.time() < deadline:
        status, answer = asking.send("GET", f"/api/v1/posts/{slug}")
        seen = time.time()
        if (status, answer.get("data", {}).get("title", "")) == expected:
            if seen >= at:
                late.append((seen - at) * 1000)
            return
        time.sleep(APART)


def _beginning(asking: Asking, slug: str, at: str) -> tuple[int, str]:
    _publish(asking, _draft(asking, slug), publish_at=at)
    return 200, "Before"


def _changing(asking: Asking, slug: str, at: str) -> tuple[int, str]:
    post = _draft(asking, slug)
    _publish(asking, post)
    asking.put(f"{POSTS}/{post}", {"title": "After"}, method="PATCH")
    _publish(asking, post, publish_at=at)
    return 200, "After"


def _ending(asking: Asking, slug: str, at: str) -> tuple[int, str]:
    _publish(asking, _draft(asking, slug), unpublish_at=at)
    return 404, ""


def _draft(asking: Asking, slug: str) -> str:
    values = {"title": "Before", "slug": slug, "body": {"format": "markdown", "source": "Text."}}
    return asking.put(POSTS, values, method="POST")["id"]


def _publish(asking: Asking, post_id: str, **plan: str) -> None:
    asking.put(f"{POSTS}/{post_id}/publication", plan)
