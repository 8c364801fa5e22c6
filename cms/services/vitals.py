"""How the site is, in numbers, for who watches over it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from cms.extensions import db
from cms.models import Delivery, Mail, OutboxEvent, WorkerRun
from cms.services import clock, counting


@dataclass(frozen=True)
class Vitals:
    """Ages are in seconds, moments in seconds since 1970."""

    oldest_event_seconds: float
    oldest_delivery_seconds: float
    deliveries: dict[str, float]
    oldest_mail_seconds: float
    mails: dict[str, float]
    comments: dict[str, int]
    steps: dict[str, float]
    failures: dict[str, float]


def read() -> Vitals:
    now = clock.now()
    oldest = select(func.min(OutboxEvent.created_at)).where(OutboxEvent.fanned_out_at.is_(None))
    due = select(func.min(Delivery.due_at)).where(Delivery.due_at <= now)
    mail_due = select(func.min(Mail.due_at)).where(Mail.due_at <= now)
    runs = db.session.scalars(select(WorkerRun).order_by(WorkerRun.step)).all()
    return Vitals(
        oldest_event_seconds=_age(db.session.scalar(oldest), now),
        oldest_delivery_seconds=_age(db.session.scalar(due), now),
        deliveries=_deliveries(),
        oldest_mail_seconds=_age(db.session.scalar(mail_due), now),
        mails=_mails(),
        comments=counting.by_status(),
        steps={run.step: run.ran_at.timestamp() for run in runs if run.ran_at},
        failures={run.step: run.failed_at.timestamp() for run in runs if run.failed_at},
    )


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _deliveries() -> dict[str, float]:
    status = case(
        (Delivery.received_at.is_not(None), "received"),
        (Delivery.due_at.is_(None), "failed"),
        else_="waiting",
    )
    found = dict.fromkeys(["received", "failed", "waiting"], 0)
    counted = select(status, func.count()).select_from(Delivery).group_by(status)
    return found | dict(db.session.execute(counted).all())


def _mails() -> dict[str, float]:
    """What was not wanted any more when its turn came is in none of them."""
    status = case(
        (Mail.sent_at.is_not(None), "sent"),
        (Mail.due_at.is_not(None), "waiting"),
        (Mail.failure.is_not(None), "failed"),
    )
    counted = db.session.execute(select(status, func.count()).group_by(status)).all()
    found = {name: number for name, number in counted if name}
    return dict.fromkeys(["sent", "failed", "waiting"], 0) | found
