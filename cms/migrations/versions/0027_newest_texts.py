"""On SQLite, an index of the newest texts alone, which a worker fills where a site has many."""

from alembic import op

revision = "0027"
down_revision = "0026"

# It keeps no text: FTS5 reads what it has to forget from where the large one keeps it.
TEXTS = """
CREATE VIEW search_newest_texts AS
SELECT id, c0 AS title, c1 AS body FROM search_index_content
"""
FTS5 = """
CREATE VIRTUAL TABLE search_newest USING fts5(
    title, body, content = 'search_newest_texts', content_rowid = 'id',
    tokenize = 'ascii', prefix = '6'
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(TEXTS)
        op.execute(FTS5)
