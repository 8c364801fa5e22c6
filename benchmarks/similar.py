"""`python -m benchmarks.similar`: how long the worker looks for what resembles a post."""

import argparse
import random
import time
from collections.abc import Sequence

from benchmarks import content, routes
from benchmarks.machine import new_site
from cms.cli.opening import any_schema
from cms.database import transaction
from cms.extensions import db
from cms.models import Publication
from cms.services import related
from cms.times import utc_now


def main(arguments: Sequence[str] | None = None) -> float:
    """Print and return the milliseconds that a post takes, its transactions among them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar", description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000, help="size of the site")
    parser.add_argument("--asked", type=int, default=200, help="posts that are looked at")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args(arguments)
    with new_site(options.database) as config, any_schema(config):
        slugs = content.fill(options.posts)
        dice = random.Random(routes.SEED)  # noqa: S311 - an order, not a secret
        took = refreshed(dice.sample(slugs, min(options.asked, len(slugs))))
    print(f"{took:.1f} ms a post at {options.posts:,} posts, on {options.database}")
    return took


def refreshed(slugs: Sequence[str]) -> float:
    """Queue some posts, as publishing does, and empty the queue as the worker does."""
    rows = db.select(Publication.entry_id).where(Publication.slug.in_(slugs))
    with transaction():
        related.due(db.session.scalars(rows), spreads=False)
    begun = time.perf_counter()
    while _step():
        pass
    return (time.perf_counter() - begun) / len(slugs) * 1000


def _step() -> int:
    with transaction():
        return related.refresh(utc_now())


if __name__ == "__main__":
    main()
