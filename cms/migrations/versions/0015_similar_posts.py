"""Similar posts, and a queue of posts to look for theirs; all that is public is in it at first."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def key() -> sa.types.TypeEngine[str]:
    return sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def entry(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_entries")
    return sa.ForeignKeyConstraint([column], ["entries.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "similar_posts",
        sa.Column("post_id", key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("similar_id", key(), nullable=False),
        sa.Column("score", sa.Float(53), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        entry("similar_posts", "post_id"),
        entry("similar_posts", "similar_id"),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_similar_posts")),
    )
    op.create_index("ix_similar_posts_similar_id", "similar_posts", ["similar_id"])
    op.create_table(
        "similar_due",
        sa.Column("post_id", key(), nullable=False),
        sa.Column("spreads", sa.Boolean(), nullable=False),
        entry("similar_due", "post_id"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_similar_due")),
    )
    op.execute(
        "INSERT INTO similar_due (post_id, spreads) SELECT DISTINCT entry_id, FALSE"
        " FROM publications WHERE NOT past AND kind = 'post'"
    )
