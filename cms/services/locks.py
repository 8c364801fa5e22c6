"""A lock on how entries are filed, which no one row stands for.

Whoever saves or publishes an entry shares it; whoever merges or moves terms, or words an image
anew, has it alone, and so finds every use, and no use made meanwhile of what is gone. Asked for
first in a transaction, before any row. SQLite has one writer at a time, and needs none.
"""

from sqlalchemy import func, select

from cms.extensions import db

FILING = 0x66696C65


def share_filing() -> None:
    """Keep terms from being merged or moved, and images from other words, before the commit."""
    _hold(func.pg_advisory_xact_lock_shared)


def own_filing() -> None:
    """Wait until nobody saves or publishes an entry, and keep others from it until the commit."""
    _hold(func.pg_advisory_xact_lock)


def try_own_filing() -> bool:
    """The same where that takes no waiting; otherwise False."""
    if db.engine.dialect.name != "postgresql":
        return True
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(FILING))))


def _hold(lock: type) -> None:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(lock(FILING)))
