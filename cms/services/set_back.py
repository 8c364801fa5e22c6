"""What a clock that ran ahead, and was set back, has left in a future that is too far.

Leases, rests and waits end at a time. None is ever put further ahead than it may last, so one that
is there was written by a clock that was wrong: it is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from cms.extensions import db
from cms.models import Delivery, Mail, Webhook
from cms.models.webhook import WAITS
from cms.services import deliveries, delivery_outcomes

# Each time, how long it may lie ahead, and whether there is none when it is over, or it is due.
TIMES: Sequence[tuple[InstrumentedAttribute[datetime | None], timedelta, bool]] = [
    (Webhook.leased_until, deliveries.LEASE, False),
    (Webhook.rests_until, delivery_outcomes.LONGEST_REST, False),
    (Delivery.due_at, 2 * WAITS[-1], True),
    (Mail.due_at, timedelta(days=3), True),
]


def mend(now: datetime) -> int:
    """End those that can not be; answer how many."""
    return sum(_mended(now, *one) for one in TIMES)


def _mended(
    now: datetime, column: InstrumentedAttribute[datetime | None], longest: timedelta, is_due: bool
) -> int:
    done = db.session.execute(
        update(column.class_)
        .where(column > now + longest)
        .values({column.key: now if is_due else None}),
        execution_options={"synchronize_session": False},
    )
    return done.rowcount
