"""The full-text index files each text by its terms, so that words and filters are asked at once;
and PostgreSQL keeps its words, for who asks for what begins so.
"""

from hashlib import md5

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

TERM = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
# Of one row of `publications`, the words that its terms are in the index: a sign, and what a mark
# and a term come to. Every publication has the empty term as well.
FILED = """(
    SELECT {words} FROM (
        SELECT '' AS term UNION ALL
        SELECT term FROM publication_terms WHERE publication_id = row.id AND
            (term LIKE 'tag:%' OR term LIKE 'category:%' OR term LIKE 'author:%')
    ) AS known
)"""
KEY = """
    lower(replace(replace(row.locale, '-', ''), '_', ''))
    || CASE row.kind WHEN 'post' THEN '·' ELSE '¿' END || term
"""
ON_SQLITE = (
    "DROP TABLE search_newest",
    "DROP VIEW search_newest_texts",
    """
    CREATE VIRTUAL TABLE search_index_filed USING fts5(
        title, body, text UNINDEXED, filed, tokenize = 'ascii', prefix = '6'
    )
    """,
    f"""
    INSERT INTO search_index_filed (rowid, title, body, text, filed)
    SELECT said.id, c0, c1, c2, {FILED.format(words=f"group_concat(filed({KEY}), ' ')")}
    FROM search_index_content AS said JOIN publications AS row ON row.id = said.id
    """,  # noqa: S608
    "DROP TABLE search_index",
    "ALTER TABLE search_index_filed RENAME TO search_index",
    """
    CREATE VIEW search_newest_texts AS
    SELECT id, c0 AS title, c1 AS body, c3 AS filed FROM search_index_content
    """,
    """
    CREATE VIRTUAL TABLE search_newest USING fts5(
        title, body, filed, content = 'search_newest_texts', content_rowid = 'id',
        tokenize = 'ascii', prefix = '6'
    )
    """,
)
HASH = f"'§' || left(md5({KEY}), 16)"
# To fill an index anew takes a fraction of changing each of its rows.
ON_POSTGRESQL = (
    # In the row: who weighs words or follows a phrase reads them of each text, the text of few.
    "ALTER TABLE search_index ALTER COLUMN words SET STORAGE MAIN",
    "ALTER TABLE search_newest ALTER COLUMN words SET STORAGE MAIN",
    "DELETE FROM search_newest",
    "DROP INDEX ix_search_index_words",
    f"""
    UPDATE search_index
    SET words = words || {FILED.format(words=f"array_to_tsvector(array_agg({HASH}))")}
    FROM publications AS row WHERE row.id = search_index.rowid
    """,  # noqa: S608
    "CREATE INDEX ix_search_index_words ON search_index USING gin (words)",
    'CREATE TABLE search_words (word TEXT COLLATE "C" NOT NULL)',
    "INSERT INTO search_words SELECT word FROM ts_stat('SELECT words FROM search_index')"
    " WHERE word NOT LIKE '§%'",
    "CREATE INDEX ix_search_words_word ON search_words (word)",
)


def upgrade() -> None:
    op.create_table(
        "refilings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term", TERM, nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refilings"),
        sqlite_autoincrement=True,
    )
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.connection.driver_connection.create_function("filed", 1, _filed)
    for statement in ON_SQLITE if is_sqlite else ON_POSTGRESQL:
        op.execute(statement)


def _filed(key: str) -> str:
    return "§" + md5(key.encode(), usedforsecurity=False).hexdigest()[:16]
