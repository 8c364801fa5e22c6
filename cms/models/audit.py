"""Who did what to what, when, and by which proof. Ids and field names, never anyone's words."""

from datetime import datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.models.base import ID, Base, Identified


class AuditEvent(Identified, Base):
    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_object_id_id", "object_id", "id"),
        Index("ix_audit_log_at_id", "at", "id"),
        Index("ix_audit_log_actor_id_at_id", "actor_id", "at", "id"),
        Index("ix_audit_log_action_at_id", "action", "at", "id"),
    )

    at: Mapped[datetime]
    # No foreign key: the record outlives the person's account. Null: the system, or a reader.
    actor_id: Mapped[str | None] = mapped_column(ID)
    # `session:ID`, `token:ID`, `mail:ID`, `command line`, `worker` or `reader`.
    via: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(ID)
    fields: Mapped[list[str]] = mapped_column(JSON, default=list)
