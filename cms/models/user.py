"""People who may sign in, and the proofs by which a request acts for one of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, Identified, Versioned, byte_ordered
from cms.times import utc_now


class Role(StrEnum):
    VIEWER = "viewer"
    MODERATOR = "moderator"
    AUTHOR = "author"
    EDITOR = "editor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an API token may be used for, at the most."""

    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    CONTENT_PUBLISH = "content:publish"
    COMMENTS_MODERATE = "comments:moderate"
    MEDIA_WRITE = "media:write"
    ADMIN = "admin"


class CommentMail(StrEnum):
    """How soon somebody wants to hear of comments that wait."""

    NEVER = "never"
    AT_ONCE = "at_once"
    DAILY = "daily"


class User(Versioned, Base):
    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_folded"),)

    email: Mapped[str] = mapped_column(byte_ordered(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role]
    password_hash: Mapped[str] = mapped_column(String(200))
    suspended: Mapped[bool] = mapped_column(default=False)
    # Null, as for everybody who was here before there was mail: never.
    comment_mail: Mapped[CommentMail | None]
    # Whether they want to hear of reviews that are due.
    review_mail: Mapped[bool | None]


class Session(Identified, Base):
    """A signed-in browser. It ends in every process as soon as its row is gone."""

    __tablename__ = "sessions"

    user_id: Mapped[str] = mapped_column(ID, ForeignKey(User.id, ondelete="CASCADE"), index=True)
    # SHA-256 of the cookie's secret: a stolen database opens no session.
    digest: Mapped[str] = mapped_column(byte_ordered(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]


class ApiToken(Identified, Base):
    __tablename__ = "api_tokens"

    user_id: Mapped[str] = mapped_column(ID, ForeignKey(User.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    # The first characters, so that a person can tell tokens apart; the rest is only a digest.
    prefix: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(byte_ordered(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    # The token that made it, and that takes it along when it goes.
    made_by_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey("api_tokens.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    # To a few minutes: a use is no reason for a write each time.
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
