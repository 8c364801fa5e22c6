"""Entries that say the same in several languages share a group."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

PRESENT = "NOT past"


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    for table in ("entries", "publications"):
        op.add_column(table, sa.Column("translation_group", key(36), nullable=True))
    op.execute("UPDATE entries SET translation_group = id")
    op.execute("UPDATE publications SET translation_group = entry_id")
    op.create_index(
        "uq_entries_translation_group_locale",
        "entries",
        ["translation_group", "locale"],
        unique=True,
    )
    op.create_index(
        "ix_publications_translation_group_locale",
        "publications",
        ["translation_group", "locale"],
        sqlite_where=sa.text(PRESENT),
        postgresql_where=sa.text(PRESENT),
    )
