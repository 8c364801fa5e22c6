"""Indexes that a list of working copies is found by, whatever it asks for."""

from alembic import op

revision = "0010"
down_revision = "0009"

TIMES = ["trashed_at", "live_from", "live_until", "waiting_from", "waiting_until"]


def upgrade() -> None:
    for name in ("updated_at", "title_key"):
        op.drop_index(f"ix_entries_kind_{name}_id", "entries")
    for name in ("updated_at", "created_at", "title_key"):
        columns = ["kind", name, "id", *TIMES]
        op.create_index(f"ix_entries_kind_{name}_id", "entries", columns)
    words = ["kind", "slug", "title_key", "id"]
    op.create_index("ix_entries_kind_slug_title_key_id", "entries", words)
