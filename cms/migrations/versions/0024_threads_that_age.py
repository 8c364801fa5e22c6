"""When each post was first visible, and which of the rules readers see: are comments open?"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0024"
down_revision = "0023"

FIRST = "SELECT min(visible_from) FROM publications WHERE entry_id = threads.post_id"


def time() -> sa.types.TypeEngine[object]:
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    op.add_column("threads", sa.Column("first_shown", time(), nullable=True))
    op.execute(f"UPDATE threads SET first_shown = ({FIRST})")  # noqa: S608
    op.create_index("ix_threads_first_shown", "threads", ["first_shown"])
    # The program that is running inserts rules without them.
    op.add_column(
        "comment_rules",
        sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("comment_rules", sa.Column("close_after_days", sa.Integer(), nullable=True))
    _say_what_the_rules_say()


def _say_what_the_rules_say() -> None:
    rows = sa.table(
        "comment_rules",
        sa.column("id"),
        sa.column("rules", sa.Text()),
        sa.column("closed"),
        sa.column("close_after_days"),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows.c.id, sa.cast(rows.c.rules, sa.Text()))).all():
        said = json.loads(row[1])
        told = {name: said.get(name) for name in ("closed", "close_after_days")}
        told["closed"] = bool(told["closed"])
        connection.execute(sa.update(rows).where(rows.c.id == row[0]).values(told))
