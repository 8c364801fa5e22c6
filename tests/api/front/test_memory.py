"""What the memory of answers counts is what it takes."""

import tracemalloc

import orjson
import pytest

from cms.api.conditional import Finished
from cms.api.front.answers import Answer
from cms.api.front.store import Store

ANSWERS = 500


def answer(number: int, length: int, keys: int) -> Answer:
    """As the views make it: bytes out of the JSON writer, and keys of their own."""
    body = orjson.dumps({"data": f"{number:06}" * (length // 6)})
    finished = Finished(body, keys=[f"post:{number:030}-{n}" for n in range(keys)])
    return Answer(finished, [], "/posts/{slug}")


@pytest.mark.parametrize("keys", [1, 5, 25])
@pytest.mark.parametrize("length", [10, 600, 3_000, 30_000])
def test_answers_take_no_more_memory_than_is_counted(length, keys):
    store = Store(100_000_000)
    tracemalloc.start()
    for number in range(ANSWERS):
        one = answer(number, length, keys)
        store.add((f"/api/v1/posts/post-{number}", ""), one)
        store.grow((f"/api/v1/posts/post-{number}", ""), one, one.compress())

    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(store), taken < store.size * 1.1) == (ANSWERS, True), taken / store.size
