"""Writers whose server is killed under them, and what each of their requests came to."""

import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.faults.sites import HERE, Reply, Site, going_on, until

POSTS = "/api/v1/manage/posts"
CUT_OFF = (OSError, http.client.HTTPException)
KEPT, BUSY = {200, 201, 202}, 503


class Writers:
    """Comments with a key each, tags, and posts that are published, from several threads."""

    def __init__(self, slug: str) -> None:
        """`slug` is of the post that is commented."""
        self._comments = f"/api/v1/posts/{slug}/comments"
        self._numbers = itertools.count(1)
        self._acked = 0
        # What was cut off, or put off, is sent again, with the same key.
        self.unanswered: list[str] = []

    @contextmanager
    def writing_to(self, site: Site, number: int = 8) -> Iterator[None]:
        """Each goes on until it is cut off."""
        with going_on(number, partial(self._go_on, site)):
            yield

    def more_acked(self, number: int) -> None:
        goal = self._acked + number
        until(lambda: self._acked >= goal)

    def send_again(self, site: Site) -> None:
        """Everything that nobody knows about, until it is known."""
        again, self.unanswered = self.unanswered, []
        for key in again:
            until(partial(self.send, site, key))
        self.unanswered = []

    def _go_on(self, site: Site, ending: threading.Event) -> None:
        while not ending.is_set():
            kind = KINDS[next(self._numbers) % len(KINDS)]
            if not self.send(site, f"{kind}{next(self._numbers):06}"):
                ending.wait(0.05)

    def send(self, site: Site, key: str) -> bool:
        """Whether it was acknowledged."""
        site.journal.note("sent", key)
        try:
            reply = WRITES[key.rstrip("0123456789")](self, site, key)
        except CUT_OFF:
            reply = Reply(BUSY, {}, None)
        if reply.status not in KEPT:
            assert reply.status == BUSY, (reply.status, reply.body)
            self.unanswered.append(key)
            return False
        site.journal.note("acked", key)
        self._acked += 1
        return True

    def _comment(self, site: Site, key: str) -> Reply:
        said = {"author_name": key, "author_email": "reader@example.org", "body": f"Said {key}."}
        return site.ask("POST", self._comments, said, {"Idempotency-Key": key})

    def _tag(self, site: Site, key: str) -> Reply:
        reply = site.ask("POST", HERE, {"name": key, "slug": key})
        return _there_already(reply)

    def _post(self, site: Site, key: str) -> Reply:
        body = {"format": "markdown", "source": f"A text about {key}."}
        created = site.ask("POST", POSTS, {"title": key, "slug": key, "body": body})
        if created.status == 201:
            return _published(site, created)
        found = _there_already(created)
        # It was cut off between its creation and its publication.
        return (
            _published(site, site.ask("GET", f"{POSTS}?q={key}")) if found.body is None else found
        )


def _published(site: Site, reply: Reply) -> Reply:
    data = reply.body["data"]
    (post,) = data if isinstance(data, list) else [data]
    return site.ask("PUT", f"{POSTS}/{post['id']}/publication", {})


def _there_already(reply: Reply) -> Reply:
    """What was kept, and not acknowledged, is refused the second time: nothing is there twice."""
    taken = reply.status in (409, 422) and "taken" in json.dumps(reply.body)
    return Reply(200, {}, None) if taken else reply


Write = Callable[[Writers, Site, str], Reply]
WRITES: dict[str, Write] = {"comment": Writers._comment, "tag": Writers._tag, "post": Writers._post}
KINDS = ["comment", "tag", "comment", "post"]
