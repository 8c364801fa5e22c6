"""Hundreds of posts are due at once, for two workers, one of which is killed while it publishes."""

import random
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import select, update

from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.database import transaction
from cms.extensions import db
from cms.models import Entry, OutboxEvent, Post, Publication
from cms.services import clock, flips, posts, publishing
from cms.services.publishing import Plan
from tests.cli.processes import finished, read_until, starting
from tests.faults.sites import Place, until

MOMENTS = random.Random()  # noqa: S311
# For each round.
POSTS = 300
HOUR = timedelta(hours=1)
# The one that is left finds neighbours for what was published before it looks again.
CATCH_UP = 120


def test_f14_each_post_is_published_once_whoever_dies(place: Place, rounds: int):
    number = POSTS * rounds
    with any_schema(place.config), starting(place.env) as start:
        schedule(number)
        workers = [start("worker") for _ in range(2)]
        for one in workers:
            read_until(one, "Working.")
        until(lambda: bool(told()))
        time.sleep(MOMENTS.uniform(0, 0.2))
        workers[0].kill()
        done_when_killed = len(told())
        until(lambda: not waiting(), CATCH_UP)
        workers[1].terminate()
        assert finished(workers[1]) == (0, "Stopped.\n")
        with transaction():
            assert flips.sweep(clock.now()) == 0, "Whoever comes next finds nothing to do."

        assert (len(told()), set(told().values())) == (number, {1}), "One event of each."
        assert set(texts().values()) == {1}
    assert done_when_killed < number, "It was killed too late to prove anything."


def schedule(number: int) -> None:
    """Posts whose time came an hour ago, while no worker ran."""
    body = {"format": "markdown", "source": "Text."}
    with transaction():
        made = [posts.create(OPERATOR, {"title": f"Post {n}", "body": body}) for n in range(number)]
        at = clock.now() + HOUR
        for one in made:
            publishing.publish(OPERATOR, Post, one.id, None, Plan(publish_at=at))
    with transaction():
        db.session.execute(update(Entry).values(waiting_from=at - 2 * HOUR))
        db.session.execute(update(Publication).values(visible_from=at - 2 * HOUR))


def told() -> Counter:
    """How many events say of each post that it was published."""
    said = select(OutboxEvent.payload).where(OutboxEvent.type == "post.published")
    return Counter(one["id"] for one in _fresh(said))


def texts() -> Counter:
    return Counter(_fresh(select(Publication.entry_id)))


def waiting() -> bool:
    return bool(_fresh(select(Entry.id).where(Entry.waiting_from.is_not(None)).limit(1)))


def _fresh(statement) -> list:
    """What others have committed by now."""
    db.session.rollback()
    return list(db.session.scalars(statement))
