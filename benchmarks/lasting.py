"""What one worker comes to hold, and how many posts a second one editor can publish over HTTP."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import cycle, islice

from benchmarks import load, words
from benchmarks.asking import Asking
from benchmarks.servers import Held, Running
from cms import create_app
from cms.config import Config
from tests import building

MANAGE = "/api/v1/manage/posts"
PARAGRAPHS = 12
# A run of the generator at a time; what a front holds is full long before the first ends.
CHUNK_SECONDS = 1


def memory(server: Running, requests: Sequence[bytes], most: int) -> Iterator[tuple[int, Held]]:
    """How many answers there were so far, and what the worker holds then."""
    done, following = 0, 0
    while done < most:
        seconds = min(CHUNK_SECONDS, most / 10_000)
        # On from where the last run ended, or its first requests would be all there are.
        onwards = islice(cycle(requests), done % len(requests), None)
        run = load.run(server.port, onwards, status=200, seconds=seconds)
        done += len(run.latencies)
        if done >= following or done >= most:
            following = done + most // 10
            yield done, server.memory()


def pairs(config: Config, port: int, count: int) -> float:
    """Posts of 600 words created and published in a second, one after the other, acknowledged."""
    editor = building.signed_in(create_app(config), "editor")
    bodies = list(islice(_bodies(), count + 1))
    with closing(Asking(port, editor.token)) as asking:
        _pair(asking, bodies.pop())
        start = time.perf_counter()
        for one in bodies:
            _pair(asking, one)
        return count / (time.perf_counter() - start)


def _bodies() -> Iterator[dict[str, object]]:
    parts = [part for one in words.texts(2000, words.EPOCH) for part in one.parts]
    for number in range(len(parts)):
        some = [parts[(number * 7 + n) % len(parts)] for n in range(PARAGRAPHS)]
        source = "\n\n".join([*some[:6], "## What helps", *some[6:]])
        body = {"format": "markdown", "source": source}
        yield {"title": f"A new post {number}", "body": body}


def _pair(asking: Asking, values: dict[str, object]) -> None:
    post = asking.put(MANAGE, values, method="POST")
    asking.put(f"{MANAGE}/{post['id']}/publication", {})
