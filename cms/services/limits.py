"""How often somebody may try something: counted in the database, so that all processes agree.

A window begins with the first attempt and has a fixed end, so that going on does not prolong it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import IPv6Network, ip_address
from math import ceil
from typing import Any

from flask import current_app
from sqlalchemy import Select, and_, case, delete, select

from cms.errors import TooMany
from cms.extensions import db
from cms.models import RateLimit
from cms.reading import reader
from cms.services import clock, signing
from cms.services.batches import BATCH
from cms.services.published import among, padded, round_size
from cms.services.sql import insert_into, time_text
from cms.times import parse_time

# How many attempts, in how long. Those of comments are in `comment_limits`.
RULES: dict[str, tuple[int, timedelta]] = {
    "sign_in.address": (30, timedelta(minutes=1)),
    # From one network; a stranger elsewhere can not lock the owner of an account out with it.
    "sign_in.account": (10, timedelta(minutes=5)),
    "sign_in.account_everywhere": (100, timedelta(minutes=5)),
    "reset.address": (20, timedelta(hours=1)),
    # From one network; and from all, so that nobody's mailbox is flooded.
    "reset.account": (3, timedelta(hours=1)),
    "reset.account_everywhere": (10, timedelta(hours=1)),
    "reset.use": (30, timedelta(minutes=1)),
    "password.account": (10, timedelta(minutes=5)),
}
# Each new window takes a few old ones away, so the table can not outgrow what happens.
SWEPT = 10
# By how much an attempt may be overtaken by a later one.
OVERTAKEN = timedelta(seconds=20)


@dataclass(frozen=True)
class Limit:
    """How often `subject` may do what `rule` names, in a window of time."""

    rule: str
    subject: str
    most: int
    window: timedelta

    @property
    def bucket(self) -> str:
        return signing.digest("limit", self.rule, self.subject)


def of(rule: str, subject: str) -> Limit:
    return Limit(rule, subject, *RULES[rule])


def full(asked: Sequence[Limit]) -> int:
    """How many seconds to wait by what is counted already; nothing is written, so a flood is cheap.

    0 says nothing: others may be counting.
    """
    by_bucket = {limit.bucket: limit for limit in asked}
    rows = reader().rows(_counted(round_size(len(asked))), padded("bucket", list(by_bucket)))
    now = clock.reading_now()
    return max(
        (_wait(by_bucket[row[0]], row[1], parse_time(row[2]), now) for row in rows), default=0
    )


def hit(*asked: Limit) -> int:
    """Count an attempt, and answer how many seconds to wait: 0 within all limits.

    Name the narrowest first: what one limit refuses is not counted by those after it.
    """
    if not asked or not are_on():
        return 0
    now = clock.now()
    first, seconds = False, 0
    for limit in asked:
        hits, resets_at = _count(limit.bucket, now, now + limit.window)
        first, seconds = first or hits == 1, _wait(limit, hits, resets_at, now)
        if seconds:
            break
    # Last: whose rows are swept here waits for us, and so we must wait for nobody any more.
    if first:
        sweep(now, SWEPT)
    return seconds


def are_on() -> bool:
    return current_app.config["CMS"].rate_limits


def _wait(limit: Limit, hits: int, resets_at: datetime, now: datetime) -> int:
    is_running = now < resets_at <= now + limit.window + OVERTAKEN
    return (
        max(1, ceil((resets_at - now).total_seconds())) if is_running and hits > limit.most else 0
    )


@cache
def _counted(size: int) -> Select[Any]:
    columns = RateLimit.bucket, RateLimit.hits, time_text(RateLimit.resets_at)
    return select(*columns).where(among(RateLimit.bucket, "bucket", size))


def check(seconds: int) -> None:
    """Raises TooMany when there is something to wait for."""
    if seconds:
        raise TooMany("Too many attempts. Try again later.", retry_after=seconds)


def subject_of_address(address: str) -> str:
    """What counts as one network: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False))


def _count(bucket: str, now: datetime, end: datetime) -> tuple[int, datetime]:
    # A window that ends much later than a new one would was left by a clock that has since gone
    # back; a little later, it was opened by somebody who asked after us, and counted before.
    running = and_(RateLimit.resets_at > now, RateLimit.resets_at <= end + OVERTAKEN)
    row = insert_into(RateLimit).values(bucket=bucket, hits=1, resets_at=end)
    counted = row.on_conflict_do_update(
        index_elements=["bucket"],
        set_={
            "hits": case((running, RateLimit.hits + 1), else_=1),
            "resets_at": case((running, RateLimit.resets_at), else_=row.excluded.resets_at),
        },
    )
    hits, resets_at = db.session.execute(
        counted.returning(RateLimit.hits, RateLimit.resets_at)
    ).one()
    return hits, resets_at


def sweep(now: datetime, most: int = BATCH) -> int:
    """Take away windows that are over; answer how many."""
    # Rows that somebody else is counting on are left: waiting for them could be a deadlock.
    old = (
        select(RateLimit.bucket)
        .where(RateLimit.resets_at <= now)
        .order_by(RateLimit.resets_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    statement = delete(RateLimit).where(RateLimit.bucket.in_(old))
    swept = db.session.execute(statement, execution_options={"synchronize_session": False})
    return swept.rowcount
