"""Who shows something of an entry without naming it: its neighbours in time, its translations.

Whoever shows an entry that is public holds the entry's own key. These are those who will show it,
once it is.
"""

from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, select, union_all

from cms.models import Entry, Kind, Publication
from cms.reading import Reader
from cms.services.published import is_public, neighbour

ENTRY = bindparam("entry", type_=String())
GROUP = bindparam("group", type_=String())
# A post's place between its neighbours, apart from itself: what names the post does not hold it.
BESIDE = "beside"


def keys(reader: Reader, kind: str, entry_id: str, group: str | None, now: str | None) -> set[str]:
    """The keys of those; `now` as `Reader.rows` takes it."""
    given = {"entry": entry_id, "group": group or "", "now": now}
    found = {f"{kind}:{row[0]}" for row in reader.rows(_translations(), given)}
    if kind == Kind.POST:
        found |= {f"{BESIDE}:{row[0]}" for row in reader.rows(_neighbours(), given) if row[0]}
    return found


@cache
def _neighbours() -> Any:
    # Not by its kind as well: SQLite would look through every post for it.
    mine = (Publication.entry_id == ENTRY, is_public())
    sides = [neighbour(older=older, column="entry_id").label("id") for older in (True, False)]
    return union_all(*(select(side).where(*mine) for side in sides))


@cache
def _translations() -> Select[Any]:
    others = (Entry.translation_group == GROUP, Entry.id != ENTRY)
    return select(Entry.__table__.c.id).where(*others)
