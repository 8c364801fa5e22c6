"""Rules of the checks of comments, what moderators teach the spam filter, and what checks find."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0011"
down_revision = "0010"


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def time() -> sa.types.TypeEngine[object]:
    return sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")


def upgrade() -> None:
    for column in (
        sa.Column("flag", sa.String(32), nullable=True),
        sa.Column("redacted", sa.JSON(), nullable=True),
        sa.Column("said", key(64), nullable=True),
        sa.Column("learned", sa.String(8), nullable=True),
    ):
        op.add_column("comments", column)
    op.create_index("ix_comments_flag", "comments", ["flag", "created_at", "id"])
    op.create_index("ix_comments_said", "comments", ["said", "created_at"])
    _rules()
    _words()


def _rules() -> None:
    op.create_table(
        "comment_rules",
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", time(), nullable=False),
        sa.Column("updated_at", time(), nullable=False),
        sa.Column("id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_rules")),
    )


def _words() -> None:
    op.create_table(
        "word_counts",
        sa.Column("word", key(16), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.CheckConstraint("good >= 0", name=op.f("ck_word_counts_good_not_negative")),
        sa.CheckConstraint("bad >= 0", name=op.f("ck_word_counts_bad_not_negative")),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_word_counts")),
    )
