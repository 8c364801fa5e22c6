"""The one clock: the machine's on SQLite, the database's on PostgreSQL.

Machines whose clocks differ thus agree on what is public.
"""

from datetime import datetime

from flask import g, has_request_context
from sqlalchemy import func, select

from cms.database import before_commit
from cms.extensions import db
from cms.reading import reader
from cms.times import utc_now, whole_milliseconds

_DATABASE_TIME = select(func.clock_timestamp())


def now() -> datetime:
    """This moment, for a change. Ask after taking the lock that the change needs."""
    if db.engine.dialect.name == "sqlite":
        return utc_now()
    return whole_milliseconds(db.session.scalar(_DATABASE_TIME))


def reading_now() -> datetime:
    """This moment, for a read: the same throughout a request, until that changes something."""
    if not has_request_context():
        return _ask()
    if "now" not in g:
        g.now = _ask()
    return g.now


@before_commit
def forget() -> None:
    # A reply that is built after a change must not stand before it.
    g.pop("now", None)


def _ask() -> datetime:
    if reader().is_sqlite:
        return utc_now()
    return whole_milliseconds(reader().row(_DATABASE_TIME, {})[0])
