"""Receivers of events, their deliveries, and how far the outbox was fanned out."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NOT_FANNED_OUT = "fanned_out_at IS NULL"
WAITING = "due_at IS NOT NULL"


def key(length: int = 36) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    on_postgresql = sa.dialects.postgresql.TIMESTAMP(timezone=True, precision=3)
    return sa.Column(
        name, sa.String(24).with_variant(on_postgresql, "postgresql"), nullable=nullable
    )


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    text = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=text, postgresql_where=text)


def upgrade() -> None:
    op.add_column("outbox", moment("fanned_out_at", nullable=True))
    # What happened before there were receivers is for none of them.
    op.execute("UPDATE outbox SET fanned_out_at = created_at")
    partial("ix_outbox_id_not_fanned_out", "outbox", ["id"], NOT_FANNED_OUT)
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
    make_webhooks()
    make_deliveries()
    make_attempts()


def make_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret_number", sa.Integer(), nullable=False),
        moment("old_secret_until", nullable=True),
        sa.Column("lease", sa.String(36), nullable=True),
        moment("leased_until", nullable=True),
        moment("served_at", nullable=True),
        moment("rests_until", nullable=True),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )


def make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", key(), nullable=False),
        sa.Column("event_id", key(), nullable=False),
        sa.Column("webhook_id", key(), nullable=False),
        moment("created_at"),
        moment("due_at", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        moment("received_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["outbox.id"],
            name=op.f("fk_deliveries_event_id_outbox"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_deliveries_webhook_id_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "event_id", "webhook_id", name=op.f("uq_deliveries_event_id_webhook_id")
        ),
    )
    partial("ix_deliveries_webhook_id_due_at", "deliveries", ["webhook_id", "due_at"], WAITING)
    partial("ix_deliveries_created_at_waiting", "deliveries", ["created_at"], WAITING)
    op.create_index(
        "ix_deliveries_webhook_id_created_at_id", "deliveries", ["webhook_id", "created_at", "id"]
    )


def make_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("id", key(), nullable=False),
        sa.Column("delivery_id", key(), nullable=False),
        moment("at"),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("failure", sa.String(600), nullable=True),
        sa.Column("excerpt", sa.String(1024), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_delivery_attempts_delivery_id_deliveries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index(op.f("ix_delivery_attempts_delivery_id"), "delivery_attempts", ["delivery_id"])
