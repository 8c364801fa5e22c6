"""A full-text index; `cms db upgrade` fills it from what is or will be public."""

from alembic import op

revision = "0014"
down_revision = "0013"

# Words come folded and parted, so the tokenizer parts at spaces alone. With the prefix of a locale
# of two letters, three letters of a word make six.
FTS5 = """
CREATE VIRTUAL TABLE search_index USING fts5(
    title, body, text UNINDEXED, tokenize = 'ascii', prefix = '6'
)
"""
TABLE = """
CREATE TABLE search_index (
    rowid INTEGER CONSTRAINT pk_search_index PRIMARY KEY
        CONSTRAINT fk_search_index_rowid_publications
        REFERENCES publications (id) ON DELETE CASCADE,
    words TSVECTOR NOT NULL,
    text TEXT NOT NULL
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS5)
        return
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_search_index_words ON search_index USING gin (words)")
