"""SQLite's full-text index, kept in few pieces: a search looks into each of them.

Whatever publishes adds a piece, and FTS5 joins four that are alike by itself, so about a dozen
stay. In one, a rare word is found in half the time.
"""

from datetime import datetime

from sqlalchemy import text

from cms.extensions import db

# How many pages of the index one transaction writes: others wait so long.
PAGES = 64
# All are joined once the others have grown to this part of the largest: so each page is written
# some ten times, however large a site becomes.
PART = 0.1

_JOIN = text("INSERT INTO search_index (search_index, rank) VALUES ('merge', :pages)")
_WRITTEN = text("SELECT total_changes()")
# Of each piece, the number of its last page. Entered by the pieces, of which there are few: the
# table has a row for each page.
_SIZES = text(
    """
    WITH RECURSIVE piece (id) AS (
        SELECT min(segid) FROM search_index_idx
        UNION ALL
        SELECT (SELECT min(segid) FROM search_index_idx WHERE segid > piece.id)
        FROM piece WHERE piece.id IS NOT NULL
    )
    SELECT (
        SELECT pgno / 2 FROM search_index_idx WHERE segid = piece.id ORDER BY term DESC LIMIT 1
    )
    FROM piece WHERE piece.id IS NOT NULL
    """
)


def join(_now: datetime | None = None) -> int:
    """Do a bounded part of joining them, inside a transaction: 1 where there may be more to do.

    PostgreSQL looks after its own.
    """
    if db.engine.dialect.name != "sqlite":
        return 0
    # What was begun goes on by itself; less than nothing means: begin with all that there are.
    return int(_joined(PAGES) or (_is_due(sizes()) and _joined(-PAGES)))


def sizes() -> list[int]:
    """How many pages each piece has, about."""
    return list(db.session.scalars(_SIZES))


def _is_due(pages: list[int]) -> bool:
    return len(pages) > 1 and sum(pages) - max(pages) >= max(pages) * PART


def _joined(pages: int) -> bool:
    """Whether it found something to join: FTS5 says so by what it writes."""
    before = db.session.scalar(_WRITTEN)
    db.session.execute(_JOIN, {"pages": pages})
    return db.session.scalar(_WRITTEN) - before >= 2
