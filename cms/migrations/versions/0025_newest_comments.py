"""Indexes for the feeds of approved comments."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

# As feeds spell it, and nobody else: without the plus, SQLite would enter by the status and sort.
APPROVED = {
    "sqlite_where": sa.text("+status = 'approved'"),
    "postgresql_where": sa.text("(status || '') = 'approved'"),
}


def upgrade() -> None:
    age = ["created_at", "id"]
    op.create_index("ix_comments_newest", "comments", age, **APPROVED)
    op.create_index("ix_comments_newest_of_post", "comments", ["post_id", *age], **APPROVED)
