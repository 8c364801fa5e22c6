"""Terms know all that lists are put in order by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0029"
down_revision = "0028"

# Until each has its own.
LONG_AGO = "1970-01-01T00:00:00.000Z"
FAQS = sa.text("kind = 'faq'")
COLUMNS = ("visible_from", "title_key", "position")
FOUND = """
UPDATE publication_terms SET visible_from = row.visible_from, title_key = row.title_key,
    position = row.position
FROM publications AS row WHERE row.id = publication_terms.publication_id
"""


def upgrade() -> None:
    time = sa.String(24).with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")
    title = sa.String(600).with_variant(sa.String(600, collation="C"), "postgresql")
    for name, kind, default in (
        ("visible_from", time, LONG_AGO),
        ("title_key", title, ""),
        ("position", sa.Integer(), "0"),
    ):
        column = sa.Column(name, kind, nullable=False, server_default=default)
        op.add_column("publication_terms", column)
    op.execute(FOUND)
    for name in COLUMNS:
        only = FAQS if name == "position" else None
        op.create_index(
            f"ix_publication_terms_{name}",
            "publication_terms",
            ["term", "kind", "locale", name, "entry_id"],
            sqlite_where=only,
            postgresql_where=only,
        )
