"""Which token made a token, and when one was last used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    key = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
    time = sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")
    with op.batch_alter_table("api_tokens") as batch:
        batch.add_column(sa.Column("made_by_id", key, nullable=True))
        batch.add_column(sa.Column("last_used_at", time, nullable=True))
        batch.create_foreign_key(
            op.f("fk_api_tokens_made_by_id_api_tokens"),
            "api_tokens",
            ["made_by_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_index(op.f("ix_api_tokens_made_by_id"), ["made_by_id"])
