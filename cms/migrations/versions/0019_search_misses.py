"""What readers looked for and did not find."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "search_misses",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("query", key(100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "locale", "query", name="pk_search_misses"),
    )
