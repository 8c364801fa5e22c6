"""Events that wait to leave the system, written with the change that caused them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import Base, Identified


class OutboxEvent(Identified, Base):
    __tablename__ = "outbox"

    type: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
