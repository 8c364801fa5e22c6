"""B18: who hears nothing sends the same again, and it is kept once, whenever the server died."""

import http.client
import random
import threading
import time
from itertools import count

import pytest

from benchmarks.commented import kill
from cms.config import Config
from tests.cli.processes import read_until, settings, starting
from tests.faults.sites import prepared
from tests.threats.asking import ask

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B18")]

ROUNDS, WRITERS = 3, 6
# After so many seconds, at the most, the server is killed.
LONGEST = 1.5
AWAY = (OSError, http.client.HTTPException)


class Thread:
    """Comments below one post, each with a key of its own; `kept` has what was acknowledged."""

    def __init__(self, port, token):
        self.port, self.token = port, token
        self.sent, self.kept, self.numbers = [], {}, count()
        values = {"title": "Heat", "body": {"format": "markdown", "source": "Warm."}}
        self.post = self.editor("POST", "posts", values).data
        self.editor("PUT", f"posts/{self.post['id']}/publication", {})

    def editor(self, method, path, values=None):
        bearer = {"Authorization": f"Bearer {self.token}", "If_Match": "*"}
        return ask(self.port, method, f"/api/v1/manage/{path}", values, **bearer)

    def send(self, number):
        path = f"/api/v1/posts/{self.post['slug']}/comments"
        words = {"author_name": "Ann", "author_email": f"a{number}@example.org"}
        words["body"] = f"Comment {number}."
        return ask(self.port, "POST", path, words, Idempotency_Key=f"{self.post['id']}-{number}")

    def write(self, ending):
        while not ending.is_set():
            number = next(self.numbers)
            self.sent.append(number)
            try:
                answer = self.send(number)
            except AWAY:
                return
            if answer.status == 202:
                self.kept[number] = answer.data["id"]

    def there(self):
        """The ids of all that is kept."""
        found, query = [], ""
        while query is not None:
            asked = f"comments?post={self.post['slug']}&limit=100{query}"
            page = self.editor("GET", asked)
            assert page.status == 200, page.text
            found += [one["id"] for one in page.data]
            cursor = page.meta["next_cursor"]
            query = None if cursor is None else f"&cursor={cursor}"
        return found


def killed_under(thread, process):
    """Writers at work until the server dies at some moment."""
    ending = threading.Event()
    writers = [threading.Thread(target=thread.write, args=(ending,)) for _ in range(WRITERS)]
    for one in writers:
        one.start()
    time.sleep(random.uniform(0.1, LONGEST))  # noqa: S311
    kill(process)
    ending.set()
    for one in writers:
        one.join()


def test_what_is_sent_again_after_a_kill_is_kept_once(database, tmp_path):
    env = settings(tmp_path) | {"CMS_SECRET": "a secret of tests", "CMS_RATE_LIMITS": "off"}
    env["CMS_DATABASE_URL"] = database
    token = prepared(Config.from_env(env))
    thread = None
    with starting(env) as start:
        for _ in range(ROUNDS):
            process = start("serve")
            read_until(process, "Serving on")
            thread = thread or Thread(int(env["PORT"]), token)
            killed_under(thread, process)
        process = start("serve")
        read_until(process, "Serving on")

        again = {number: thread.send(number) for number in thread.sent}
        there = thread.there()
        kill(process)

    assert len(thread.kept) > ROUNDS
    assert {one.status for one in again.values()} == {202}
    ids = {number: one.data["id"] for number, one in again.items()}
    assert thread.kept.items() <= ids.items()
    assert sorted(there) == sorted(ids.values())
    assert len(there) == len(set(there)) == len(thread.sent)
