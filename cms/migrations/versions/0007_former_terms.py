"""Former slugs of tags, categories and authors, and what merged ones have become."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "former_slugs",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("slug", key(200), nullable=False),
        sa.Column("term_id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", name=op.f("pk_former_slugs")),
    )
    op.create_index(op.f("ix_former_slugs_term_id"), "former_slugs", ["term_id"])
    op.create_table(
        "merged_terms",
        sa.Column("id", key(36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("into_id", key(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_terms")),
    )
    op.create_index(op.f("ix_merged_terms_into_id"), "merged_terms", ["into_id"])
