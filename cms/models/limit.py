"""Counters and answers that several processes share through the database."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, byte_ordered


class RateLimit(Base):
    """How often something happened in the window that ends at `resets_at`."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index("ix_rate_limits_resets_at", "resets_at"),)

    # A keyed digest of what is limited: the table holds no address.
    bucket: Mapped[str] = mapped_column(byte_ordered(64), primary_key=True)
    hits: Mapped[int]
    resets_at: Mapped[datetime]


class IdempotencyKey(Base):
    """The request that first used a key, and the comment that it made."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    # Keyed digests: neither the key nor the body can be read back.
    key: Mapped[str] = mapped_column(byte_ordered(64), primary_key=True)
    request: Mapped[str] = mapped_column(byte_ordered(64))
    comment_id: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime]
