"""What was changed in public, and what time will change: the keys that answers are held by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, String, bindparam, literal, null, select, union_all
from sqlalchemy.sql.expression import CompoundSelect

from cms.models import Change, Entry, Kind, Publication, Thread
from cms.reading import Reader
from cms.services import beside, closing
from cms.services.published import NOW, not_past
from cms.services.pulse import Mark
from cms.times import FOREVER, at_millisecond, milliseconds_of

# Beyond so many changes, reading what they were costs more than answering anew.
MOST_CHANGES = 1_000
# What closes by the clock; of its post, nothing else changes.
THREAD = "thread"
# How many flips are known ahead.
MOST_FLIPS = 100

# Beyond so many, finding out who shows each costs more than answering anew.
MOST_MOVED = 50
# What answers hold as a whole kind: each is named in many, and seldom changed.
SEEN_WHOLE = {"tag", "category", "author", Kind.FAQ}
# What has a place in time, or in other languages.
MOVING = {Kind.POST, Kind.FAQ}

Keys = set[str]


@dataclass(frozen=True)
class Flip:
    """A moment, in milliseconds, at which a text begins or ends to show, or a thread closes."""

    at: int
    kind: str
    entry_id: str
    group: str | None


def keys_between(reader: Reader, after: int, mark: Mark) -> Keys | None:
    """What was touched after a generation, up to that of `mark`; None where nobody knows."""
    if not 0 <= mark.generation - after <= MOST_CHANGES:
        return None
    rows = reader.rows(log(), {"after": after, "until": mark.generation})
    known = {row[0] for row in rows}
    # The log goes back only so far.
    return {row[1] for row in rows} if len(known) == mark.generation - after else None


def whole(touched: Keys) -> Keys:
    """The keys, and those of the kinds that answers hold as a whole."""
    kinds = {key.partition(":")[0] for key in touched}
    return touched | {f"list:{kind}" for kind in kinds if kind in SEEN_WHOLE}


def reached(reader: Reader, touched: Keys, mark: Mark) -> Keys | None:
    """The keys, and those of all who show it by now; None where that is too much, or unknown.

    It is enough to look at one state, that of `mark`. Whoever showed something else before holds
    the key of that, which is among the touched ones if it is no longer there.
    """
    named, found = [key.partition(":")[::2] for key in touched], whole(touched)
    moved = [one for one in named if one[0] in MOVING and f"list:{one[0]}" in touched]
    if len(moved) > MOST_MOVED:
        return None
    for kind, entry_id in moved:
        group = reader.row(group_of(), {"entry": entry_id})
        if group is None:
            return None
        found |= beside.keys(reader, kind, entry_id, group[0], at_millisecond(mark.at))
    return found


def flips_after(reader: Reader, mark: Mark) -> list[Flip]:
    """What will begin or end, in order: the first MOST_FLIPS."""
    rows = reader.rows(flips(), {"now": at_millisecond(mark.at)})
    return [Flip(_milliseconds(at), *names) for at, *names in rows]


def keys_of_flips(reader: Reader, due: Iterable[Flip], mark: Mark) -> Keys:
    """What a change would have touched that made these begin, end or close."""
    found = {f"{Kind.POST}:{flip.entry_id}" for flip in due if flip.kind == THREAD}
    for flip in (one for one in due if one.kind != THREAD):
        found |= {f"{flip.kind}:{flip.entry_id}", f"list:{flip.kind}"}
        now = at_millisecond(mark.at)
        found |= beside.keys(reader, flip.kind, flip.entry_id, flip.group, now)
    return found


@cache
def log() -> Select[Any]:
    number = Change.generation
    bounds = [bindparam(name, type_=BigInteger()) for name in ("after", "until")]
    return select(number, Change.key).where(number > bounds[0], number <= bounds[1])


@cache
def group_of() -> Select[Any]:
    """What an entry is a translation of; no row for one that was removed."""
    return select(Entry.translation_group).where(Entry.id == bindparam("entry", type_=String()))


@cache
def flips() -> CompoundSelect[Any]:
    row = Publication
    sides = [(row.visible_from, row.visible_from > NOW)]
    sides += [(row.visible_until, (row.visible_until > NOW) & (row.visible_until < FOREVER))]
    names = (row.kind, row.entry_id, row.translation_group)
    parts = [
        select(
            select(at.label("at"), *names)
            .where(not_past(), when)
            .order_by(at)
            .limit(MOST_FLIPS)
            .subquery()
        )
        for at, when in sides
    ]
    parts.append(select(_closing().subquery()))
    return union_all(*parts).order_by("at").limit(MOST_FLIPS)


def _closing() -> Select[Any]:
    known = (literal(THREAD).label("kind"), Thread.post_id, null().label("group"))
    first = select(closing.closes_at().label("at"), *known).where(closing.closing(NOW))
    return first.order_by(Thread.first_shown).limit(MOST_FLIPS)


def _milliseconds(at: datetime | str) -> int:
    return milliseconds_of(datetime.fromisoformat(at) if isinstance(at, str) else at)
