"""Events that wait to leave the system, written with the change that caused them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, Identified

NOT_FANNED_OUT = text("fanned_out_at IS NULL")


class OutboxEvent(Identified, Base):
    """Something that happened. Its id is that of the message, at every attempt and receiver."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_id_not_fanned_out",
            "id",
            sqlite_where=NOT_FANNED_OUT,
            postgresql_where=NOT_FANNED_OUT,
        ),
        Index("ix_outbox_created_at", "created_at"),
    )

    type: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    # When its deliveries were made; null while a worker has yet to.
    fanned_out_at: Mapped[datetime | None]
