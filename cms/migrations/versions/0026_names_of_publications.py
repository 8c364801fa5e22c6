"""What publications show by name, in one place; and their details as posts show them: sources
first, which the oldest have none of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

EACH = "l.kind || ':' || l.target_id"
LINKS = {
    # It walks the primary key.
    "sqlite": f"group_concat({EACH})",
    "postgresql": f"string_agg({EACH}, ',' ORDER BY l.kind, l.position)",
}
# In the order in which posts show them.
DETAILS = {
    "sqlite": "json_object('sources', json(coalesce(json_extract(details, '$.sources'), '[]')),"
    " 'seo', json(json_extract(details, '$.seo')))",
    "postgresql": "CAST(json_build_object('sources', coalesce(CAST(details AS json) -> 'sources',"
    " CAST('[]' AS json)), 'seo', CAST(details AS json) -> 'seo') AS text)",
}
SHOWN = "('author', 'category', 'faq', 'hero', 'tag')"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.add_column("publications", sa.Column("names", sa.Text(), nullable=False, server_default=""))
    names = f"SELECT {LINKS[dialect]} FROM publication_links AS l"  # noqa: S608
    mine = f"l.publication_id = publications.id AND l.kind IN {SHOWN}"
    details = f"CASE kind WHEN 'post' THEN {DETAILS[dialect]} ELSE details END"
    op.execute(
        f"UPDATE publications SET names = coalesce(({names} WHERE {mine}), ''),"  # noqa: S608
        f" details = {details}"
    )
