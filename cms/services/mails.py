"""Mail to users: queued with its cause, made when it is sent, kept by ids alone.

A worker takes a mail by a lease, sends it outside any transaction, and keeps what came of it. One
who dies leaves the lease to run out; the mail is sent again under the same `Message-ID`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from flask import current_app
from sqlalchemy import bindparam, delete, exists, select, update

from cms.extensions import db
from cms.models import Mail, MailKind, User
from cms.models.base import UtcDateTime, new_id
from cms.services import clock, mail_links, mail_texts
from cms.services.batches import BATCH
from cms.services.mail_texts import Unwanted

# Longer than an attempt can take: a dozen steps of SMTP, of ten seconds each.
LEASE = timedelta(minutes=5)
# After each attempt but the last, how long until the next.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]
# How long it is kept that a mail was sent, to whom, and about what.
KEPT = timedelta(days=30)

_WAITS = select(exists().where(Mail.due_at <= bindparam("now", type_=UtcDateTime())))


@dataclass(frozen=True)
class Leased:
    """A mail to be made and sent now, by whoever holds the lease."""

    mail_id: str
    lease: str


def is_on() -> bool:
    return bool(current_app.config["CMS"].smtp_url)


def queue(kind: MailKind, user_id: str | None, now: datetime, **about: object) -> None:
    """Queue a mail in the caller's transaction. To nobody (None), the worker sends nothing."""
    if is_on():
        db.session.add(Mail(kind=kind, user_id=user_id, created_at=now, due_at=now, about=about))


def waiting() -> bool:
    """Whether something is due. One cheap read, for asking again and again. Raises Unavailable."""
    return bool(clock.row_at_present(_WAITS, {})[0])


def take(now: datetime) -> Leased | None:
    """Take the mail that is due for longest, if there is one.

    Its lease is committed before it is made: what can not be made holds up no other.
    """
    first = (
        select(Mail.id)
        .where(Mail.due_at <= now)
        .order_by(Mail.due_at, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(Mail)
        .where(Mail.id == first.scalar_subquery())
        .values(lease=new_id(), due_at=now + LEASE, gathers=None, attempts=Mail.attempts + 1)
    )
    found = db.session.execute(taken.returning(Mail.id, Mail.lease)).first()
    return found and Leased(*found)


def make(leased: Leased, now: datetime) -> EmailMessage | None:
    """What to send of it, with the links in it; nothing where there is nothing to say any more."""
    mail = _held(leased)
    if mail is None:
        return None
    user = db.session.get(User, mail.user_id) if mail.user_id else None
    try:
        if user is None or user.suspended:
            raise Unwanted
        return mail_texts.message(mail, user, now)
    except Unwanted:
        mail.due_at = mail.lease = None
        return None


def keep(leased: Leased, failure: str | None, *, for_good: bool, now: datetime) -> None:
    """Keep what came of an attempt. One that failed is tried again, unless `for_good`."""
    mail = _held(leased)
    if mail is None:
        return
    mail.lease, mail.failure, mail.due_at = None, failure, None
    if failure is None:
        mail.sent_at = now
    elif not for_good and mail.attempts <= len(WAITS):
        mail.due_at = now + WAITS[mail.attempts - 1]


def sweep(now: datetime) -> int:
    """Forget mails of long ago, and links that have expired; answer how many."""
    old = select(Mail.id).where(Mail.created_at < now - KEPT, Mail.due_at.is_(None)).limit(BATCH)
    swept = db.session.execute(
        delete(Mail).where(Mail.id.in_(old.with_for_update(skip_locked=True))),
        execution_options={"synchronize_session": False},
    )
    return max(swept.rowcount, mail_links.sweep(now))


def _held(leased: Leased) -> Mail | None:
    """The mail, locked, unless its lease ran out and another took it."""
    mail = db.session.get(Mail, leased.mail_id, with_for_update=True, populate_existing=True)
    return mail if mail is not None and mail.lease == leased.lease else None
