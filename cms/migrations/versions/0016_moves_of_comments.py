"""The last move of a comment, FAQs made from comments, and how many have each status."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0016"
down_revision = "0015"

STATUSES = ("pending", "spam", "rejected", "trashed")
COUNTED = "SELECT count(*) FROM comments WHERE post_id = threads.post_id AND status = '{}'"
NEW = """INSERT INTO threads (post_id, is_open, approved)
SELECT posts.id, posts.comments_open, 0 FROM posts
WHERE posts.id IN (SELECT post_id FROM comments)
AND posts.id NOT IN (SELECT post_id FROM threads)"""


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    for column in (
        sa.Column("moved_from", sa.String(32), nullable=True),
        sa.Column("moved_by", key(36), nullable=True),
        sa.Column("moved_at", time(), nullable=True),
        sa.Column("moved_version", sa.Integer(), nullable=True),
        sa.Column("faq_id", key(36), nullable=True),
    ):
        op.add_column("comments", column)
    op.create_index("ix_comments_network", "comments", ["network", "created_at", "id"])
    op.add_column("faqs", sa.Column("comment_id", key(36), nullable=True))
    op.execute(NEW)
    _count()


def _count() -> None:
    # The program that is running inserts threads without them.
    with op.batch_alter_table("threads") as batch:
        for status in STATUSES:
            counted = sa.Column(status, sa.Integer(), nullable=False, server_default="0")
            batch.add_column(counted)
            batch.create_check_constraint(
                op.f(f"ck_threads_{status}_not_negative"), f"{status} >= 0"
            )
    counts = ", ".join(f"{status} = ({COUNTED.format(status)})" for status in STATUSES)
    op.execute(f"UPDATE threads SET {counts}")  # noqa: S608
