"""Receivers of events, what each is sent, and what came back."""

from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.models.base import ID, Base, Identified, Versioned
from cms.models.event_types import KINDS
from cms.models.outbox import OutboxEvent

# After each attempt but the last, how long until the next: ten attempts in three days.
WAITS = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
WAITS += [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)]
MOST_ATTEMPTS = len(WAITS) + 1
WAITING = text("due_at IS NOT NULL")


class Webhook(Versioned, Base):
    __tablename__ = "webhooks"

    url: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(200), default="")
    # Types of events: `post.published`, `post.*` or `*`.
    events: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(default=True)
    # Secrets are made from the site's own and this number, so the database holds none.
    secret_number: Mapped[int] = mapped_column(default=1)
    # Until when the secret before signs too.
    old_secret_until: Mapped[datetime | None]

    # Of the workers. One of them has it at a time, and sends its deliveries one by one.
    lease: Mapped[str | None] = mapped_column(String(36))
    leased_until: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    # While it does not answer at all, it is asked again at ever longer distances.
    rests_until: Mapped[datetime | None]
    unanswered: Mapped[int] = mapped_column(default=0)

    def wants(self, event_type: str) -> bool:
        kind = event_type.partition(".")[0]
        return kind in KINDS and any(one in ("*", event_type, f"{kind}.*") for one in self.events)


class Delivery(Identified, Base):
    """One event for one receiver."""

    __tablename__ = "deliveries"
    __table_args__ = (
        # However often an event is fanned out, a receiver has one delivery of it.
        UniqueConstraint("event_id", "webhook_id"),
        Index(
            "ix_deliveries_webhook_id_due_at",
            "webhook_id",
            "due_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_deliveries_webhook_id_created_at_id", "webhook_id", "created_at", "id"),
        Index(
            "ix_deliveries_created_at_waiting",
            "created_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    event_id: Mapped[str] = mapped_column(ID, ForeignKey(OutboxEvent.id, ondelete="CASCADE"))
    webhook_id: Mapped[str] = mapped_column(ID, ForeignKey(Webhook.id, ondelete="CASCADE"))
    created_at: Mapped[datetime]
    # When to try next; null once it was received, or given up.
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime | None]

    event: Mapped[OutboxEvent] = relationship(lazy="raise_on_sql")
    log: Mapped[list["DeliveryAttempt"]] = relationship(
        lazy="raise_on_sql", order_by="DeliveryAttempt.id", passive_deletes=True
    )

    @property
    def status(self) -> str:
        if self.received_at is not None:
            return "received"
        return "failed" if self.due_at is None else "waiting"


class DeliveryAttempt(Identified, Base):
    __tablename__ = "delivery_attempts"

    delivery_id: Mapped[str] = mapped_column(
        ID, ForeignKey(Delivery.id, ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    # What the receiver answered; null where nothing came back, and `failure` says why.
    status_code: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(String(600))
    # The beginning of the answer's body.
    excerpt: Mapped[str] = mapped_column(String(1024), default="")
