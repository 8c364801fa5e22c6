"""An index of the newest texts alone, which a worker fills where a site has many."""

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
# Without a foreign key: whoever fills it would wait for rows of others, who wait for it.
TABLE = """
CREATE TABLE search_newest (
    rowid INTEGER CONSTRAINT pk_search_newest PRIMARY KEY,
    words TSVECTOR NOT NULL
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(TEXTS)
        op.execute(FTS5)
        return
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_search_newest_words ON search_newest USING gin (words)")
