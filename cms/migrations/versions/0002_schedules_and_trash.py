"""What waits to be public, what lies in the trash, and links to preview both."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0002"
down_revision = "0001"

FEW = ["waiting_from", "live_ends_at", "trashed_at"]


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    op.add_column("entries", sa.Column("waiting_revision", sa.Integer(), nullable=True))
    for name in ["waiting_from", "waiting_until", "live_ends_at", "trashed_at"]:
        op.add_column("entries", sa.Column(name, time(), nullable=True))
    for name in FEW:
        only = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_entries_{name}",
            "entries",
            ["kind", name],
            sqlite_where=only,
            postgresql_where=only,
        )
    op.create_table(
        "preview_links",
        sa.Column("post_id", key(36), nullable=True),
        sa.Column("digest", key(64), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("created_by", key(36), nullable=True),
        sa.Column("expires_at", time(), nullable=False),
        sa.Column("revoked_at", time(), nullable=True),
        sa.Column("id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_preview_links_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_preview_links_digest")),
    )
    op.create_index(op.f("ix_preview_links_post_id"), "preview_links", ["post_id"])
