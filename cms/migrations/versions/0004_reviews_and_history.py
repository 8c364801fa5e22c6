"""Reviews, sources, and what was taken out of the public history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0004"
down_revision = "0003"


def key(length: int) -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    """UTC in milliseconds: text of a fixed width on SQLite."""
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    _create_reviews()
    op.create_table(
        "redactions",
        sa.Column("publication_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("created_by", key(36), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_redactions_publication_id_publications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_redactions")),
    )
    # The posts that are there have none; new ones say so themselves.
    sources = sa.Column("sources", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("posts", sources)
    op.add_column("posts", sa.Column("review_due_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_posts_review_due_on"), "posts", ["review_due_on"])


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reviewed_by", key(36), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("created_by", key(36), nullable=True),
        sa.Column("id", key(36), nullable=False),
        sa.CheckConstraint("due_on > reviewed_on", name=op.f("ck_reviews_due_after_review")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_reviews_entry_id_entries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["authors.id"], name=op.f("fk_reviews_reviewed_by_authors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    latest = ["entry_id", "revision", "created_at", "id"]
    op.create_index("ix_reviews_latest", "reviews", latest)
    op.create_index(op.f("ix_reviews_reviewed_by"), "reviews", ["reviewed_by"])
