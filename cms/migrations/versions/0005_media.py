"""Media: uploaded files, where bodies name them, pictures of posts and of authors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"


def key(length: int) -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    """UTC in milliseconds: text of a fixed width on SQLite."""
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    _media()
    op.create_table(
        "entry_media",
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("media_id", key(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_entry_media_entry_id_entries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_entry_media_media_id_media")
        ),
        sa.PrimaryKeyConstraint("entry_id", "media_id", name=op.f("pk_entry_media")),
    )
    op.create_index("ix_entry_media_media_id", "entry_media", ["media_id"])
    for table, column in (("posts", "hero_media_id"), ("authors", "photo_media_id")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, key(36), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_{column}_media"), "media", [column], ["id"])
        op.create_index(f"ix_{table}_{column}", table, [column])


def _media() -> None:
    op.create_table(
        "media",
        sa.Column("checksum", key(64), nullable=False),
        sa.Column("folder", key(32), nullable=False),
        sa.Column("filename", key(100), nullable=False),
        sa.Column("mime_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("alt", sa.String(length=500), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("focal_x", sa.Float(), nullable=False),
        sa.Column("focal_y", sa.Float(), nullable=False),
        sa.Column("renditions", sa.JSON(), nullable=False),
        sa.Column("created_by", key(36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.CheckConstraint(
            "focal_x >= 0 AND focal_x <= 1 AND focal_y >= 0 AND focal_y <= 1",
            name=op.f("ck_media_focal_inside"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["users.id"],
            name=op.f("fk_media_created_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("checksum", name=op.f("uq_media_checksum")),
        sa.UniqueConstraint("folder", name=op.f("uq_media_folder")),
    )
    op.create_index("ix_media_created_at_id", "media", ["created_at", "id"])
