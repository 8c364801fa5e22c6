"""What was changed in public, and what time will change: the keys that answers are held by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select, union_all
from sqlalchemy.sql.expression import CompoundSelect

from cms.models import Change, Publication
from cms.reading import Reader
from cms.services import beside
from cms.services.published import NOW, not_past
from cms.services.pulse import Mark
from cms.times import FOREVER, at_millisecond, milliseconds_of

# Beyond so many changes, reading what they were costs more than answering anew.
MOST_CHANGES = 1_000
# How many flips are known ahead.
MOST_FLIPS = 100

Keys = set[str]


@dataclass(frozen=True)
class Flip:
    """A moment, in milliseconds, at which a text begins or ends to show."""

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


def flips_after(reader: Reader, mark: Mark) -> list[Flip]:
    """What will begin or end, in order: the first MOST_FLIPS."""
    rows = reader.rows(flips(), {"now": at_millisecond(mark.at)})
    return [Flip(_milliseconds(at), *names) for at, *names in rows]


def keys_of_flips(reader: Reader, due: Iterable[Flip], mark: Mark) -> Keys:
    """What a change would have touched that made these begin or end."""
    found = set()
    for flip in due:
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
    return union_all(*parts).order_by("at").limit(MOST_FLIPS)


def _milliseconds(at: datetime | str) -> int:
    return milliseconds_of(datetime.fromisoformat(at) if isinstance(at, str) else at)
