"""Whether a site is large: then its newest texts have an index of their own (`search_newest`)."""

import time
from weakref import WeakKeyDictionary

from sqlalchemy import Integer, column, func, select, table

from cms.reading import Reader
from cms.services import search_newest
from cms.services.delivery.moment import Moment

# The number of the last of them, on SQLite and on PostgreSQL.
_LAST = {
    True: select(func.max(column("id", Integer))).select_from(table("search_newest_docsize")),
    False: select(func.max(search_newest.NEWEST.c.rowid)),
}
# A site is not asked again for so many seconds whether it is large.
BELIEVED = 5.0
# Whose site is taken to be large, and until when, by this machine's steady clock.
_known: WeakKeyDictionary[Reader, tuple[bool, float]] = WeakKeyDictionary()


def is_large(moment: Moment) -> bool:
    """Whether the newest texts are asked first, and the index for filters and whole words, too."""
    asked, now = moment.reader, time.monotonic()
    found, until = _known.get(asked, (False, 0.0))
    if now < until:
        return found
    found = last(moment) is not None
    _known[asked] = found, now + BELIEVED
    return found


def last(moment: Moment) -> int | None:
    """The newest publication that has words, where a site is large."""
    number: int | None = moment.rows(_LAST[moment.reader.is_sqlite])[0][0]
    return number
