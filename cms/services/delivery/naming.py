"""What posts name by id, as they show it now: tags, a category, people, an image, FAQs.

Few things are named by many posts, so each process remembers them, and which of them are not there.
A row says what it names as text, `Publication.names`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, and_, literal, select, true

from cms.kept_bytes import exact
from cms.models import Author, Category, Generation, LinkKind, Media, Publication, Tag
from cms.reading import Row
from cms.services import media_addresses, published
from cms.services.delivery.moment import Moment
from cms.services.published import among, is_not_over
from cms.services.sql import time_text
from cms.times import EPOCH, FOREVER, format_time

EVER, NEVER = format_time(EPOCH), format_time(FOREVER)
NOTHING, UNASKED = b"", -1

# What a row names, as JSON, by kind, in its order.
Named = dict[str, list[bytes]]
# JSON by what rows call it, `tag:ID`.
Known = dict[str, bytes]


class Source(NamedTuple):
    """Where what is named is found: the column of its id, what is shown of it, and when.

    `made` puts the columns into JSON; `only` leaves out what is over.
    """

    id: Any
    columns: Sequence[Any]
    made: Callable[[Moment, Row], bytes]
    period: Sequence[ColumnElement[Any]] = (literal(EVER), literal(NEVER))
    only: ColumnElement[bool] = true()


def _term(model: Any, *names: str) -> Source:
    def made(_moment: Moment, row: Row) -> bytes:
        return orjson.dumps(dict(zip(names, row, strict=True)))

    return Source(model.id, [getattr(model, name) for name in names], made)


def _picture(moment: Moment, row: Row) -> bytes:
    found = dict(zip(media_addresses.COLUMNS, row, strict=True))
    return orjson.dumps(media_addresses.picture(moment.config, found))


def _as_stored(_moment: Moment, row: Row) -> bytes:
    return row[0].encode()


def _faq() -> Source:
    row = Publication
    period = (time_text(row.visible_from), time_text(row.visible_until))
    return Source(row.entry_id, [row.details], _as_stored, period, is_not_over(row))


SOURCES = {
    LinkKind.TAG: _term(Tag, "slug", "name"),
    LinkKind.CATEGORY: _term(Category, "slug", "name"),
    LinkKind.AUTHOR: _term(Author, "slug", "name", "credentials"),
    LinkKind.HERO: Source(
        Media.id, [getattr(Media, name) for name in media_addresses.COLUMNS], _picture
    ),
    LinkKind.FAQ: _faq(),
}
# What the log of changes calls them, where that is another word.
KEYS = {LinkKind.HERO: "media"}


def of(moment: Moment, rows: Sequence[str]) -> tuple[list[Named], int]:
    """What each of some rows names; without what is not public at the moment, or gone.

    `rows` are what they say there (`cards.NAMES`); the moment's memory must have learned of them.
    Also answers the generation that was asked at, if any was: where that is later than the rows',
    these may name something else by now.
    """
    found = [_remembered(moment, row) for row in rows]
    if None not in found:
        return found, UNASKED
    known, generation = _asked(moment, {name for row in rows for name in row.split(",")})
    return [_by_kind(row, known) for row in rows], generation


def _remembered(moment: Moment, row: str) -> Named | None:
    """What a row names; None where not all of it is known."""
    now, get, named = moment.now, moment.memory.get, {kind: [] for kind in SOURCES}
    for name in row.split(",") if row else ():
        kind, _, one = name.partition(":")
        known = get(f"{KEYS[kind]}:{one}" if kind in KEYS else name)
        if known is None:
            return None
        (since, until), json = known
        if not since <= now < until:
            return None
        if json:
            named[kind].append(json)
    return named


def _by_kind(row: str, known: Known) -> Named:
    named: Named = {kind: [] for kind in SOURCES}
    for name in row.split(","):
        if known.get(name):
            named[name.partition(":")[0]].append(known[name])
    return named


def _asked(moment: Moment, names: Iterable[str]) -> tuple[Known, int]:
    known, latest = {}, UNASKED
    for kind, source in SOURCES.items():
        ids = [name.partition(":")[2] for name in names if name.startswith(f"{kind}:")]
        if ids:
            some, generation = _asked_of(moment, kind, source, ids)
            known, latest = known | some, max(latest, generation)
    return known, latest


def _asked_of(moment: Moment, kind: str, source: Source, ids: Sequence[str]) -> tuple[Known, int]:
    statement = _statement(kind, published.round_size(len(ids)))
    rows = moment.rows(statement, **published.padded("id", ids))
    known, generation = {}, rows[0][0]
    for one in ids:
        mine = sorted(row[1:3] + row[4:] for row in rows if row[3] == one)
        since, until, json = _now(moment, source, mine)
        known[f"{kind}:{one}"] = json
        moment.memory.keep(f"{KEYS.get(kind, kind)}:{one}", (since, until), generation, json)
    return known, generation


def _now(moment: Moment, source: Source, rows: Sequence[Row]) -> tuple[str, str, bytes]:
    """What is shown of it now, since when, and until when; `rows` are what is and what comes."""
    if not rows:
        return EVER, NEVER, NOTHING
    since, until, *shown = rows[0]
    if moment.now < since:
        return moment.now, since, NOTHING
    return since, until, exact(source.made(moment, tuple(shown)))


@cache
def _statement(kind: str, size: int) -> Select[Any]:
    """The generation, in any case, and beside it: period, id, and columns of what has some ids."""
    source = SOURCES[kind]
    found = select(Generation.value, *source.period, source.id, *source.columns)
    return found.outerjoin_from(
        Generation, source.id.class_, and_(among(source.id, "id", size), source.only)
    )
