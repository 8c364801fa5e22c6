"""Revisions with a note, a time of the last save, and what they changed."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0001"


def time() -> sa.types.TypeEngine[object]:
    """UTC in milliseconds: text of a fixed width on SQLite."""
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


# Columns that every revision has.
COMPLETE = {
    "updated_at": time(),
    "first_version": sa.Integer(),
    "last_version": sa.Integer(),
    "kept": sa.Boolean(),
    "changed": sa.JSON(),
}
entries = sa.table(
    "entries",
    *(sa.column(name) for name in ("id", "version", "updated_at")),
    sa.column("changed_in", sa.JSON()),
)
revisions = sa.table(
    "revisions",
    *(sa.column(name) for name in ("entry_id", "number", "created_at", "updated_at")),
    *(sa.column(name) for name in ("first_version", "last_version", "kept")),
    sa.column("changed", sa.JSON()),
    sa.column("fields", sa.JSON()),
)


def upgrade() -> None:
    none = sa.text("'{}'")
    changed_in = sa.Column("changed_in", sa.JSON(), nullable=False, server_default=none)
    op.add_column("entries", changed_in)
    op.add_column("revisions", sa.Column("note", sa.String(500), nullable=True))
    for name, kind in COMPLETE.items():
        op.add_column("revisions", sa.Column(name, kind, nullable=True))
    fill(op.get_bind())
    with op.batch_alter_table("revisions") as batch:
        for name, kind in COMPLETE.items():
            batch.alter_column(name, existing_type=kind, nullable=False)


def fill(connection: sa.Connection) -> None:
    """Say of what is there what is known: nothing of it was ever joined with a later save."""
    for entry in connection.execute(sa.select(entries.c.id, entries.c.version)).all():
        own = revisions.c.entry_id == entry.id
        # Which save made which version was not kept: any of them may have made any.
        connection.execute(
            sa.update(revisions)
            .where(own)
            .values(
                updated_at=revisions.c.created_at,
                first_version=1,
                last_version=entry.version,
                kept=True,
            )
        )
        fill_changed(connection, entry.id, entry.version)


def fill_changed(connection: sa.Connection, entry_id: str, version: int) -> None:
    before: dict[str, Any] = {}
    known = sa.select(revisions.c.number).where(revisions.c.entry_id == entry_id)
    for number in connection.scalars(known.order_by(revisions.c.number)).all():
        row = (revisions.c.entry_id == entry_id) & (revisions.c.number == number)
        fields = connection.scalar(sa.select(revisions.c.fields).where(row))
        names = {field_of(name) for name in fields if fields[name] != before.get(name)}
        connection.execute(sa.update(revisions).where(row).values(changed=sorted(names)))
        before = fields
    changes = {field_of(name): {"version": version, "at": None, "by": None} for name in before}
    connection.execute(
        sa.update(entries).where(entries.c.id == entry_id).values(changed_in=changes)
    )


def field_of(name: str) -> str:
    return "body" if name in {"body_format", "body_source"} else name
