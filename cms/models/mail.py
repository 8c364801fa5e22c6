"""Mail that waits to be sent, and the links that mail holds. No row has an address or a word."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, Identified, byte_ordered
from cms.models.comment import Comment
from cms.models.user import User

WAITING = text("due_at IS NOT NULL")


class MailKind(StrEnum):
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of mail
    COMMENTS = "comments"
    REVIEW = "review"


class Mail(Identified, Base):
    """One mail to one user, written when there is reason for it, and made when it is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due_at", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_mails_created_at", "created_at"),
        Index("ix_mails_user_id_kind_sent_at", "user_id", "kind", "sent_at"),
    )

    kind: Mapped[MailKind]
    # No foreign key: asking for a new password takes as long for nobody (null) as for a user.
    user_id: Mapped[str | None] = mapped_column(ID)
    # What it is about, by ids.
    about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # While it gathers, what else there is to say joins it: one such mail for each user.
    gathers: Mapped[str | None] = mapped_column(byte_ordered(64), unique=True)
    created_at: Mapped[datetime]
    # When to try next; null once it was taken, given up, or was not wanted any more.
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    # Why the last attempt failed: a status of SMTP or the kind of fault, never the server's words.
    failure: Mapped[str | None] = mapped_column(String(80))
    # Of the worker that sends it.
    lease: Mapped[str | None] = mapped_column(ID)


class MailLink(Identified, Base):
    """What a link in a mail may do, once. Its token is made from ids and the site's secret."""

    __tablename__ = "mail_links"
    __table_args__ = (Index("ix_mail_links_expires_at", "expires_at"),)

    mail_id: Mapped[str] = mapped_column(ID)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey(User.id, ondelete="CASCADE"), index=True)
    # Null: for a new password.
    comment_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey(Comment.id, ondelete="CASCADE"), index=True
    )
    # The version of the comment that the mail showed.
    version: Mapped[int | None]
    digest: Mapped[str] = mapped_column(byte_ordered(64), unique=True)
    expires_at: Mapped[datetime]
    # When it was used, or something ended it. The row stays, so that a mail that is sent again
    # does not bring it back.
    ended_at: Mapped[datetime | None]
