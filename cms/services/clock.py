"""The one clock: the machine's on SQLite, the database's on PostgreSQL.

Machines whose clocks differ thus agree on what is public.
"""

from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import func, select
from sqlalchemy.sql.expression import Executable

from cms.database import before_commit
from cms.extensions import db
from cms.reading import Row, reader
from cms.times import format_time, utc_now, whole_milliseconds

_DATABASE_TIME = select(func.clock_timestamp())


def now() -> datetime:
    """This moment, for a change. Ask after taking the lock that the change needs."""
    if db.engine.dialect.name == "sqlite":
        return utc_now()
    return whole_milliseconds(db.session.scalar(_DATABASE_TIME))


def reading_now() -> datetime:
    """This moment, for a read: the same throughout a request, until that changes something."""
    found = known()
    return remember(_ask()) if found is None else found


def row_at_present(statement: Executable, parameters: dict[str, Any]) -> Row | None:
    """The first row of a read that compares with `:now`.

    PostgreSQL is not asked for the time before: what arrives brings its own.
    """
    asked, present = reader(), known()
    if present is None and asked.is_sqlite:
        present = utc_now()
    given = {**parameters, "now": None if present is None else format_time(present)}
    found = asked.row(statement, given)
    remember(given["now"] if present is None else present)
    return found


@before_commit
def forget() -> None:
    # A reply that is built after a change must not stand before it.
    g.pop("now", None)


def known() -> datetime | None:
    """What this request has taken for the present so far."""
    return g.get("now") if has_request_context() else None


def remember(moment: datetime) -> datetime:
    """Take a moment for the present, for the rest of this request."""
    moment = whole_milliseconds(moment)
    if has_request_context():
        g.now = moment
    return moment


def _ask() -> datetime:
    return utc_now() if reader().is_sqlite else reader().row(_DATABASE_TIME, {})[0]
