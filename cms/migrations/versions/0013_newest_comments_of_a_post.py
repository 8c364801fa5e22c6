"""A post's newest comments are found in order, whatever they answer."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("ix_comments_newest", "comments", ["post_id", "status", "created_at", "id"])
