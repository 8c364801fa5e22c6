"""What bodies lead to within the site."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def key(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "body_links",
        sa.Column("entry_id", key(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("post", "media", name="target", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locale", key(16), nullable=False),
        sa.Column("name", key(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name="fk_body_links_entry_id_entries",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "entry_id", "revision", "kind", "locale", "name", name="pk_body_links"
        ),
    )
    # `cms rebuild`, which an upgrade runs, notes the links of what is there.
    op.execute("UPDATE entries SET pipeline_version = 0")
    op.execute("UPDATE publications SET pipeline_version = 0 WHERE NOT past")
