"""`python -m benchmarks.moderation`: what moderators wait for on a site with a million comments.

The rows go in by plain statements; what is measured runs through the application, without HTTP:
the first page of the queue for each filter, its second page, and many comments moved at once.
"""

import argparse
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text, update

from benchmarks import content
from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.config import Config
from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentEdit, CommentStatus, Post, Thread
from cms.models.base import new_id
from cms.services import bulk_moderation, comments, counting, threads
from cms.times import MILLISECOND, utc_now
from tests.databases import PostgresqlServer

POSTS, BATCH, ROUNDS = 20, 10_000, 15
# Of a hundred comments, so many have each status; of those that wait, a few are urgent.
SHARES = {"approved": 70, "pending": 10, "spam": 12, "rejected": 4, "trashed": 4}
URGENT = {"crisis": 0.002, "adverse_event": 0.01}
EDITS = 500
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "pending": {"status": ["pending"]},
    "pending or spam": {"status": ["pending", "spam"]},
    "crisis": {"flag": ["crisis"]},
    "urgent and pending": {"flag": ["crisis", "adverse_event"], "status": ["pending"]},
    "a post": {"post": "POST"},
    "a post, pending": {"post": "POST", "status": ["pending"]},
    "an address": {"email": "reader7@example.org"},
    "a network": {"network": "10.0.7.0/24"},
    "a network, pending": {"network": "10.0.7.0/24", "status": ["pending"]},
    "with an edit": {"has_edit": True},
    "without an edit": {"has_edit": False},
    "a common word": {"q": "question"},
    "a rare word": {"q": "Unheard"},
}


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Measure, print, and return the median milliseconds of each first page."""
    options = _parser().parse_args(arguments)
    with _site(options.database) as config, any_schema(config):
        content.fill(POSTS)
        began = time.perf_counter()
        _fill(options.comments)
        print(f"{options.comments:,} comments in {time.perf_counter() - began:.0f} s")
        found = {}
        for sort in ("urgency", "-created_at"):
            for name, filters in FILTERS.items():
                found[f"{name} by {sort}"] = _pages(name, filters, sort)
        for number in (100, bulk_moderation.MOST):
            _bulk(min(number, options.comments // 20))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.moderation", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--comments", type=int, default=1_000_000)
    return parser


@contextmanager
def _site(database: str) -> Iterator[Config]:
    server = PostgresqlServer() if database == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="cms-bench-") as folder:
            url = server.url if server else ""
            yield Config(data_dir=Path(folder), database_url=url, secret=secrets.token_hex())
    finally:
        if server:
            server.stop()


def _fill(number: int) -> None:
    posts, chance = list(db.session.scalars(select(Post.id))), random.Random(19)  # noqa: S311
    first = utc_now() - number * MILLISECOND
    for start in range(0, number, BATCH):
        rows = [_row(chance, posts, at, first) for at in range(start, min(start + BATCH, number))]
        with transaction():
            db.session.connection().execute(insert(Comment.__table__), rows)
    with transaction():
        some = db.session.scalars(select(Comment.id).filter_by(status="approved").limit(EDITS))
        waiting = {"created_at": first, "source": "So.", "html": "<p>So.</p>", "text": "So."}
        for one in some.all():
            db.session.add(CommentEdit(comment_id=one, fingerprint=one, verdicts=[], **waiting))
        for post_id in posts:
            threads.lock(post_id)
            counted = update(Thread).where(Thread.post_id == post_id)
            db.session.execute(counted.values(counting.counted(post_id)))
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def _row(chance: random.Random, posts: list[str], at: int, first: Any) -> dict[str, Any]:
    (status,) = chance.choices(list(SHARES), list(SHARES.values()))
    drawn, comment_id = chance.random(), new_id()
    flag = "crisis" if drawn < URGENT["crisis"] else None
    flag = flag or ("adverse_event" if drawn < URGENT["adverse_event"] else None)
    words = f"Question {at}: thank you, that helped. Is it so at night, too?"
    return {
        "id": comment_id,
        "post_id": chance.choice(posts),
        "status": CommentStatus(status),
        "shown": status == "approved",
        "flag": flag,
        "created_at": first + at * MILLISECOND,
        "updated_at": first + at * MILLISECOND,
        "name": "A reader",
        "email": f"reader{at % 20_000}@example.org",
        "network": f"10.{at % 3}.{at % 250}.0/24",
        "source": words,
        "html": f"<p>{words}</p>",
        "text": words,
        "fingerprint": comment_id,
        "verdicts": [],
        "reply_count": 0,
        "depth": 0,
        "is_staff": False,
        "version": 1,
    }


def _pages(name: str, filters: dict[str, Any], sort: str) -> float:
    slug = db.session.scalars(select(Post.slug).order_by(Post.slug)).first()
    asked = {key: slug if value == "POST" else value for key, value in filters.items()}
    cursor = _read(asked, sort, None).next_cursor
    first = _median(asked, sort, None)
    second = f"{_median(asked, sort, cursor):7.1f}" if cursor else "      -"
    total = _read(asked, sort, None).total
    print(f"{name:20} {sort:12} {first:7.1f} ms, second page {second} ms, of {total:,}")
    return first


def _read(filters: dict[str, Any], sort: str, cursor: str | None) -> Any:
    db.session.rollback()
    return comments.find(OPERATOR, sort=sort, limit=20, cursor=cursor, total=True, **filters)


def _median(filters: dict[str, Any], sort: str, cursor: str | None) -> float:
    took: list[float] = []
    # What takes long is not asked often.
    while len(took) < ROUNDS and sum(took) < 1:
        began = time.perf_counter()
        _read(filters, sort, cursor)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def _bulk(number: int) -> None:
    waits = select(Comment.id).filter_by(status=CommentStatus.PENDING).order_by(func.random())
    ids = list(db.session.scalars(waits.limit(number)))
    for status in (CommentStatus.APPROVED, CommentStatus.SPAM):
        began, cpu = time.perf_counter(), time.process_time()
        with transaction():
            done = bulk_moderation.move(OPERATOR, ids, status)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        assert {one.status for one in done} == {status}
        print(f"{number} at once to {status}: {took * 1000:.0f} ms, CPU {cpu * 1000:.0f} ms")


if __name__ == "__main__":
    main()
