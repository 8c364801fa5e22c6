"""Workers say that they live: now and then, what each step last did, in one statement."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select

from cms.extensions import db
from cms.models import WorkerRun
from cms.services.sql import insert_into

# How often they say so, and after which silence something is wrong.
EVERY, SILENT = timedelta(seconds=15), timedelta(seconds=60)

# For each step when it was done, and when it failed.
Runs = Mapping[str, tuple[datetime | None, datetime | None]]


def record(runs: Runs) -> int:
    """Keep what this worker did, over what others did before; answer how many steps that is."""
    if not runs:
        return 0
    # In one order, so that workers never wait for each other in a circle.
    values = [
        {"step": step, "ran_at": ran, "failed_at": failed}
        for step, (ran, failed) in sorted(runs.items())
    ]
    row = insert_into(WorkerRun).values(values)
    known = {
        name: func.coalesce(getattr(row.excluded, name), getattr(WorkerRun, name))
        for name in ("ran_at", "failed_at")
    }
    db.session.execute(row.on_conflict_do_update(index_elements=["step"], set_=known))
    return len(values)


def last() -> datetime | None:
    """When any worker last did anything; None for never."""
    return db.session.scalar(select(func.max(WorkerRun.ran_at)))
