"""After an erasure was committed: leave nothing of it in the database's own files.

On PostgreSQL a row that was deleted stays in its page until VACUUM; its log and its backups are
the server's. Of SQLite, the log holds pages as they were until it is emptied.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError

from cms import checkpoints
from cms.extensions import db
from cms.models import (
    Comment,
    CommentEdit,
    DeliveryAttempt,
    IdempotencyKey,
    Thread,
    WordCount,
)
from cms.services.unhurried import unhurried

# Where an erasure deletes or overwrites.
TABLES = (Comment, CommentEdit, DeliveryAttempt, IdempotencyKey, Thread, WordCount)


def empty_log() -> bool:
    """Leave nothing in SQLite's log; say whether that could be done. Elsewhere there is none."""
    # What this thread read stands in the way as well.
    db.session.remove()
    if db.engine.dialect.name != "sqlite":
        return True
    try:
        return checkpoints.empty(db.engine.url.database)
    except sqlite3.Error:
        return False


def compact() -> bool:
    """Leave nothing in the tables' files either; say whether that could be done."""
    db.session.remove()
    try:
        if db.engine.dialect.name == "sqlite":
            checkpoints.write_anew(db.engine.url.database)
        else:
            _vacuum()
    except (sqlite3.Error, DBAPIError):
        return False
    return empty_log()


def _vacuum() -> None:
    names = ", ".join(one.__tablename__ for one in TABLES)
    with unhurried(db.engine) as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.exec_driver_sql(f"VACUUM {names}")
