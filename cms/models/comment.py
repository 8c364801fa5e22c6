"""A reader's comment, its moderation states, and the thread that it belongs to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.errors import Conflict
from cms.models.base import ID, Base, Identified, LongText, Versioned, byte_ordered
from cms.models.post import Post


class CommentStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"
    REJECTED = "rejected"
    TRASHED = "trashed"


# From a status, the statuses a moderator may choose next. Staying is always allowed.
NEXT_STATUSES = {
    CommentStatus.PENDING: {
        CommentStatus.APPROVED,
        CommentStatus.SPAM,
        CommentStatus.REJECTED,
        CommentStatus.TRASHED,
    },
    CommentStatus.APPROVED: {
        CommentStatus.PENDING,
        CommentStatus.SPAM,
        CommentStatus.REJECTED,
        CommentStatus.TRASHED,
    },
    CommentStatus.SPAM: {CommentStatus.PENDING, CommentStatus.APPROVED, CommentStatus.TRASHED},
    CommentStatus.REJECTED: {CommentStatus.PENDING, CommentStatus.APPROVED, CommentStatus.TRASHED},
    CommentStatus.TRASHED: {CommentStatus.PENDING},
}

# What goes by the clock, as statements have to say it for the indexes below to be of use.
GONE = text("status IN ('spam', 'trashed') AND reply_count = 0")
HAS_ORIGIN = text("(network IS NOT NULL OR user_agent IS NOT NULL)")

# Approved comments, as feeds alone ask for them (`sql_plans.apart`). SQLite has no statistics: it
# would else enter by an index that begins with the status, and sort all that it finds.
IS_APPROVED = {
    "sqlite": text("+status = 'approved'"),
    "postgresql": text("(status || '') = 'approved'"),
}


def approved_index(name: str, *columns: str) -> Index:
    """An index of approved comments alone: those that readers send do not pay for it."""
    only = {f"{database}_where": condition for database, condition in IS_APPROVED.items()}
    return Index(name, *columns, **only)


# A reply to the last level joins it as a sibling, so that no thread grows sideways for ever.
LEVELS = 4


class Thread(Base):
    """What the public may know of a post's comments without reading them. Its row is their lock."""

    __tablename__ = "threads"
    __table_args__ = (
        *(
            CheckConstraint(f"{status} >= 0", name=f"{status}_not_negative")
            for status in CommentStatus
        ),
        Index("ix_threads_first_shown", "first_shown"),
    )

    post_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True
    )
    # As editors say. The rules may close it as well: `services.closing` asks both.
    is_open: Mapped[bool]
    # When its post is visible for the first time, however often it is published; from then on it
    # ages. `intervals` keeps it; null while nothing was published or waits.
    first_shown: Mapped[datetime | None]
    # How many comments are approved: just these are read, whatever stands above them.
    approved: Mapped[int] = mapped_column(default=0)
    # How many have each other status. `counting` keeps them.
    pending: Mapped[int] = mapped_column(default=0)
    spam: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    trashed: Mapped[int] = mapped_column(default=0)


class Comment(Versioned, Base):
    __tablename__ = "comments"
    __table_args__ = (
        # The same words from the same address on the same post, once.
        UniqueConstraint("post_id", "fingerprint"),
        CheckConstraint(
            "NOT shown OR status = 'approved' OR reply_count > 0",
            name="shown_is_approved_or_answered",
        ),
        # Nothing of a withdrawn comment is kept but its place.
        CheckConstraint("withdrawn_at IS NULL OR status = 'trashed'", name="withdrawn_is_trashed"),
        CheckConstraint("reply_count >= 0", name="reply_count_not_negative"),
        Index("ix_comments_thread", "post_id", "shown", "root_id", "created_at", "id"),
        Index("ix_comments_below", "root_id", "shown", "created_at", "id"),
        Index("ix_comments_answers", "parent_id", "shown", "created_at", "id"),
        Index("ix_comments_queue", "status", "flag", "created_at", "id"),
        Index("ix_comments_queue_of_post", "post_id", "status", "flag", "created_at", "id"),
        Index("ix_comments_arrival", "created_at", "id"),
        # What feeds walk along, newest first, past all that waits.
        approved_index("ix_comments_newest", "created_at", "id"),
        approved_index("ix_comments_newest_of_post", "post_id", "created_at", "id"),
        Index("ix_comments_writer", "email", "created_at", "id"),
        Index("ix_comments_gone", "updated_at", sqlite_where=GONE, postgresql_where=GONE),
        Index(
            "ix_comments_origin",
            "created_at",
            sqlite_where=HAS_ORIGIN,
            postgresql_where=HAS_ORIGIN,
        ),
        Index("ix_comments_said", "said", "created_at"),
        Index("ix_comments_network", "network", "created_at", "id"),
    )

    post_id: Mapped[str] = mapped_column(ID, ForeignKey(Post.id, ondelete="CASCADE"))
    parent_id: Mapped[str | None] = mapped_column(ID, ForeignKey("comments.id", ondelete="CASCADE"))
    # The comment that the thread started with; null for a root.
    root_id: Mapped[str | None] = mapped_column(ID)
    depth: Mapped[int] = mapped_column(default=0)
    status: Mapped[CommentStatus]
    # Has a place in the public thread: approved, or answered by what has. Of one that is not
    # approved, readers see the place alone. Kept by `services.threads`.
    shown: Mapped[bool] = mapped_column(default=False)
    # How many comments that are shown answer this one directly.
    reply_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(byte_ordered(254))
    url: Mapped[str | None] = mapped_column(String(500))
    # Already truncated to /24 or /48; a full address is never stored.
    network: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    is_staff: Mapped[bool] = mapped_column(default=False)
    # As it was written; made ready once, to be read often.
    source: Mapped[LongText]
    html: Mapped[LongText]
    text: Mapped[LongText]
    fingerprint: Mapped[str] = mapped_column(byte_ordered(64))
    verdicts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # Why somebody should look at it soon: `crisis`, `adverse_event`; null for most.
    flag: Mapped[str | None] = mapped_column(String(32))
    # The same without personal data, `{source, html, text}`, where the checks found any.
    redacted: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    # A keyed digest of words long enough to tell, wherever and by whomever they are said.
    said: Mapped[str | None] = mapped_column(byte_ordered(64))
    # What the spam filter was taught by it: `good` or `bad`.
    learned: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[str | None] = mapped_column(String(500))
    edited_at: Mapped[datetime | None]
    # When its writer took it back; nothing but its place is kept.
    withdrawn_at: Mapped[datetime | None]
    # The approved comment whose receipt came with this one, of the same email. It may have gone.
    known_by: Mapped[str | None] = mapped_column(ID)
    # What the form said that its writer agrees to.
    consent_id: Mapped[str | None] = mapped_column(ID, ForeignKey("consent_texts.id"))
    # A moderator's last move, as long as it can be undone: from where, who, when.
    moved_from: Mapped[CommentStatus | None]
    moved_by: Mapped[str | None] = mapped_column(ID)
    moved_at: Mapped[datetime | None]
    # The version that it left: of a later one, somebody else has changed something.
    moved_version: Mapped[int | None]
    # The FAQ that was made from it. It may have gone.
    faq_id: Mapped[str | None] = mapped_column(ID)

    post: Mapped[Post] = relationship(lazy="raise_on_sql")
    edit: Mapped["CommentEdit | None"] = relationship(lazy="raise_on_sql", viewonly=True)
    consent: Mapped["ConsentText | None"] = relationship(lazy="raise_on_sql", viewonly=True)

    def moderate(self, status: CommentStatus) -> bool:
        """Move to another status; say whether anything moved. Raises Conflict."""
        if status is self.status:
            return False
        self._refuse_withdrawn()
        if status not in NEXT_STATUSES[self.status]:
            ways = ", ".join(sorted(NEXT_STATUSES[self.status])) or "nothing else"
            detail = f"A comment can not go from {self.status} to {status}; it can become {ways}."
            raise Conflict(detail, reason="comment_transition")
        self.status = status
        return True

    def undo(self) -> None:
        """Go back to where the last move came from, which no move may lead to. Raises Conflict."""
        self._refuse_withdrawn()
        if self.moved_from is None:
            raise Conflict(
                "Nobody has moved this comment, or the move is undone already.",
                reason="nothing_to_undo",
            )
        # Else an undone rejection would approve words that nobody has read.
        if self.moved_version != self.version:
            raise Conflict("It was changed after that move.", reason="changed_since_move")
        self.status = self.moved_from
        self.moved_from = self.moved_by = self.moved_at = self.moved_version = None

    def _refuse_withdrawn(self) -> None:
        if self.withdrawn_at is not None:
            raise Conflict("Its writer has withdrawn this comment.", reason="comment_withdrawn")


class CommentEdit(Base):
    """What its writer asks to put in the place of an approved text, which stays until then."""

    __tablename__ = "comment_edits"
    __table_args__ = (Index("ix_comment_edits_created_at", "created_at", "comment_id"),)

    comment_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime]
    source: Mapped[LongText]
    html: Mapped[LongText]
    text: Mapped[LongText]
    fingerprint: Mapped[str] = mapped_column(byte_ordered(64))
    verdicts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ConsentText(Identified, Base):
    """What the form says in a language, from `created_at` on. Rows are only added."""

    __tablename__ = "consent_texts"
    __table_args__ = (Index("ix_consent_texts_locale", "locale", "created_at", "id"),)

    locale: Mapped[str] = mapped_column(byte_ordered(16))
    # Empty: nothing is said any more.
    text: Mapped[LongText]
    created_at: Mapped[datetime]
