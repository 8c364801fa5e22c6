"""Indexes for the queue by urgency, and for what goes from comments by the clock."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

AGE = ["created_at", "id"]
GONE = sa.text("status IN ('spam', 'trashed') AND reply_count = 0")
HAS_ORIGIN = sa.text("(network IS NOT NULL OR user_agent IS NOT NULL)")


def upgrade() -> None:
    op.drop_index("ix_comments_queue", "comments")
    op.drop_index("ix_comments_flag", "comments")
    op.create_index("ix_comments_queue", "comments", ["status", "flag", *AGE])
    op.create_index("ix_comments_queue_of_post", "comments", ["post_id", "status", "flag", *AGE])
    _partial("ix_comments_gone", "updated_at", GONE)
    _partial("ix_comments_origin", "created_at", HAS_ORIGIN)


def _partial(name: str, column: str, where: sa.TextClause) -> None:
    op.create_index(name, "comments", [column], sqlite_where=where, postgresql_where=where)
