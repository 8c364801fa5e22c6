"""Revisions with a note, a time of the last save, and what they changed."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"


def time() -> sa.types.TypeEngine[object]:
    """UTC in milliseconds: text of a fixed width on SQLite."""
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


# A version that no entry reaches: which versions a revision stands for is not known.
NEVER = str(2**31 - 1)
# The program that still runs does not know them: what it adds is kept, and of any version.
NEW = [
    sa.Column("note", sa.String(500), nullable=True),
    sa.Column("updated_at", time(), nullable=True),
    sa.Column("first_version", sa.Integer(), nullable=False, server_default="1"),
    sa.Column("last_version", sa.Integer(), nullable=False, server_default=NEVER),
    sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("changed", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
]
entries = sa.table(
    "entries",
    *(sa.column(name) for name in ("id", "version", "updated_at")),
    sa.column("changed_in", sa.JSON()),
)
revisions = sa.table(
    "revisions",
    *(sa.column(name) for name in ("entry_id", "number", "created_at", "updated_at")),
    sa.column("changed", sa.JSON()),
    sa.column("fields", sa.JSON()),
)


def upgrade() -> None:
    none = sa.text("'{}'")
    changed_in = sa.Column("changed_in", sa.JSON(), nullable=False, server_default=none)
    op.add_column("entries", changed_in)
    for column in NEW:
        op.add_column("revisions", column)
    connection = op.get_bind()
    connection.execute(sa.update(revisions).values(updated_at=revisions.c.created_at))
    for entry in connection.execute(sa.select(entries.c.id, entries.c.version)).all():
        fill(connection, entry.id, entry.version)


def fill(connection: sa.Connection, entry_id: str, version: int) -> None:
    """Say what each revision changed, and of each field that its last change is not known."""
    before: dict[str, Any] = {}
    known = sa.select(revisions.c.number).where(revisions.c.entry_id == entry_id)
    for number in connection.scalars(known.order_by(revisions.c.number)).all():
        row = (revisions.c.entry_id == entry_id) & (revisions.c.number == number)
        fields = connection.scalar(sa.select(revisions.c.fields).where(row))
        names = {field_of(name) for name in fields if fields[name] != before.get(name)}
        connection.execute(sa.update(revisions).where(row).values(changed=sorted(names)))
        before = fields
    changes = {field_of(name): {"version": version, "at": None, "by": None} for name in before}
    own = entries.c.id == entry_id
    connection.execute(sa.update(entries).where(own).values(changed_in=changes))


def field_of(name: str) -> str:
    return "body" if name in {"body_format", "body_source"} else name
