"""When workers last did what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    time = sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")
    op.create_table(
        "worker_runs",
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("ran_at", time, nullable=True),
        sa.Column("failed_at", time, nullable=True),
        sa.PrimaryKeyConstraint("step", name="pk_worker_runs"),
    )
