"""Links in mail that may do something: signed, for one person, once, and not for long."""

import base64
from datetime import datetime, timedelta

from sqlalchemy import Select, String, bindparam, delete, select, update

from cms.errors import NotFound
from cms.extensions import db
from cms.models import Comment, Mail, MailLink, User
from cms.models.base import UtcDateTime
from cms.services import clock, signing
from cms.services.batches import BATCH

RESET_LASTS, COMMENT_LASTS = timedelta(hours=1), timedelta(days=3)


_PEEK = (
    select(User.id, User.email)
    .join(MailLink, MailLink.user_id == User.id)
    .where(
        MailLink.digest == bindparam("digest", type_=String()),
        MailLink.comment_id.is_(None),
        MailLink.ended_at.is_(None),
        MailLink.expires_at > bindparam("now", type_=UtcDateTime()),
        User.suspended.is_(False),
    )
)


def for_password(mail: Mail) -> str:
    """The token of a link to a new password. It is good from when that was asked for."""
    return _token(mail, None, mail.created_at + RESET_LASTS, None)


def for_comment(mail: Mail, comment: Comment, now: datetime) -> str:
    """The token of a link that moderates a comment as it is now."""
    return _token(mail, comment.id, now + COMMENT_LASTS, comment.version)


def whose(token: str) -> tuple[str, str]:
    """Who may choose a new password by a link: id and address. Raises NotFound (`link_over`)."""
    row = clock.row_at_present(_PEEK, {"digest": _digest(token)})
    if row is None:
        raise over()
    return row[0], row[1]


def find(token: str) -> MailLink:
    """The link behind a token, locked. Raises NotFound (`link_over`)."""
    return _good(_of(token).with_for_update())


def read(token: str) -> MailLink:
    """The link behind a token that moderates a comment. Raises NotFound (`link_over`)."""
    return _good(_of(token).where(MailLink.comment_id.is_not(None)))


def over() -> NotFound:
    """The same for a link that never was, was used, has expired, or is of another kind."""
    return NotFound("This link has been used, or has expired.", reason="link_over")


def end_all(user_id: str, now: datetime) -> None:
    """End every link that was mailed to a user."""
    theirs = update(MailLink).where(MailLink.user_id == user_id, MailLink.ended_at.is_(None))
    db.session.execute(theirs.values(ended_at=now))


def sweep(now: datetime) -> int:
    """Forget links that expired long ago; answer how many."""
    # Not at once: until then their mail could be sent again.
    expired = select(MailLink.id).where(MailLink.expires_at <= now - COMMENT_LASTS).limit(BATCH)
    old = delete(MailLink).where(MailLink.id.in_(expired.with_for_update(skip_locked=True)))
    return db.session.execute(old, execution_options={"synchronize_session": False}).rowcount


def _of(token: str) -> Select[tuple[MailLink]]:
    return select(MailLink).filter_by(digest=_digest(token))


def _good(query: Select[tuple[MailLink]]) -> MailLink:
    link = db.session.scalar(query, execution_options={"populate_existing": True})
    if link is None or link.ended_at is not None or link.expires_at <= clock.reading_now():
        raise over()
    return link


def _token(mail: Mail, comment_id: str | None, expires_at: datetime, version: int | None) -> str:
    """A mail that is sent again holds the same links: the first may have arrived."""
    raw = bytes.fromhex(signing.digest("mail link", mail.id, comment_id or ""))
    token = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    if db.session.scalar(select(MailLink.id).filter_by(digest=_digest(token))) is None:
        made = {"mail_id": mail.id, "user_id": mail.user_id, "digest": _digest(token)}
        about = {"comment_id": comment_id, "version": version, "expires_at": expires_at}
        db.session.add(MailLink(**made, **about))
    return token


def _digest(token: str) -> str:
    return signing.digest("mail token", token)
