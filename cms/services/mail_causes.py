"""Which events are mailed to whom. Many together make one mail: it gathers until it is sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from cms.extensions import db
from cms.models import CommentMail, Mail, MailKind, OutboxEvent, User
from cms.models.base import new_id
from cms.services import mails
from cms.services.sql import insert_into

KINDS = {"comment.submitted": MailKind.COMMENTS, "review.due": MailKind.REVIEW}
WANTED = {
    MailKind.COMMENTS: User.comment_mail.in_([CommentMail.AT_ONCE, CommentMail.DAILY]),
    MailKind.REVIEW: User.review_mail.is_(True),
}
DAY = timedelta(days=1)
# Between two mails to one person. At once means the first; what follows it soon comes together.
PAUSES = {CommentMail.AT_ONCE: timedelta(minutes=5), CommentMail.DAILY: DAY}
# As many are named in one mail; of the others, how many.
MOST_NAMED = 20


def follow(events: Iterable[OutboxEvent], now: datetime) -> None:
    """Queue what somebody wants to hear of these events, in the caller's transaction."""
    found: dict[MailKind, list[str]] = {}
    for event in events if mails.is_on() else ():
        if event.type in KINDS:
            found.setdefault(KINDS[event.type], []).append(event.payload["id"])
    for kind, ids in found.items():
        # In one order, so that two workers never wait for each other.
        wanting = select(User).where(WANTED[kind], User.suspended.is_(False)).order_by(User.id)
        for user in db.session.scalars(wanting).all():
            _gather(kind, user, ids, now)


def _gather(kind: MailKind, user: User, ids: list[str], now: datetime) -> None:
    mail = _gathering(kind, user, now)
    named = [*mail.about["ids"], *ids]
    more = mail.about["more"] + max(0, len(named) - MOST_NAMED)
    mail.about = {"ids": named[:MOST_NAMED], "more": more}


def _gathering(kind: MailKind, user: User, now: datetime) -> Mail:
    """The mail that gathers for somebody, new or not, locked: nobody takes it meanwhile."""
    key = f"{kind}:{user.id}"
    waiting = select(Mail).filter_by(gathers=key).with_for_update()
    found = None
    while found is None:
        made = {"id": new_id(), "kind": kind, "user_id": user.id, "gathers": key, "attempts": 0}
        made |= {"created_at": now, "due_at": _due(kind, user, now), "about": NOTHING}
        new = insert_into(Mail).values(made).on_conflict_do_nothing(index_elements=["gathers"])
        db.session.execute(new)
        found = db.session.scalar(waiting, execution_options={"populate_existing": True})
    return found


def _due(kind: MailKind, user: User, now: datetime) -> datetime:
    sent = select(func.max(Mail.sent_at)).where(Mail.user_id == user.id, Mail.kind == kind)
    last = db.session.scalar(sent)
    pause = PAUSES[user.comment_mail] if kind is MailKind.COMMENTS else DAY
    return now if last is None else max(now, last + pause)


NOTHING = {"ids": [], "more": 0}
