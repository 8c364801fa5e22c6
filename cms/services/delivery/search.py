"""What the public finds by words: posts and FAQs together, best first."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select

from cms.models import Kind
from cms.reading import Row
from cms.services import cursors, published, search_terms
from cms.services.cursors import Page
from cms.services.delivery import common_words, expressions, search_courses, search_statements
from cms.services.delivery.common_words import Ways
from cms.services.delivery.excerpts import Asked, asked_for, excerpt
from cms.services.delivery.expressions import Wanted
from cms.services.delivery.moment import Moment
from cms.services.delivery.search_courses import Course, Way
from cms.services.delivery.search_statements import Shape
from cms.services.search_terms import Groups
from cms.services.seen import pack, unpack


@dataclass(slots=True, kw_only=True)
class Search:
    """`groups` hold terms: any of each group, of every group."""

    text: str
    kinds: Sequence[Kind]
    limit: int
    cursor: str | None = None
    groups: Groups = ()

    def scope(self, moment: Moment) -> str:
        asked = [self.text, self.kinds, moment.locale, self.groups]
        # A cursor holds a `Course`, by position: who changes one changes this as well.
        return cursors.scope("search, filed", {"asked": asked})

    def parameters(self, moment: Moment, ways: Ways, wanted: Wanted) -> dict[str, Any]:
        query = expressions.of(moment, Wanted(ways.asked, self.kinds))
        found: dict[str, Any] = {"query": query, "asked": query}
        if wanted.filed or wanted.endings:
            found["asked"] = expressions.of(moment, wanted._replace(parts=ways.asked))
        if ways.told:
            found["told"] = expressions.told(moment, ways.told, self.kinds)
        for number, group in enumerate(_left(self, wanted)):
            found |= published.padded(f"term_{number}", list(group))
        return found


def find(moment: Moment, search: Search, *, total: bool) -> Page:
    """A page of hits. Raises Malformed for a bad cursor, and for too many words."""
    parts = search_terms.parse(search.text)
    reached = _reached(moment, search)
    if not parts or any(not group for group in search.groups):
        return Page([], None, 0 if total else None)
    wanted = search_courses.wanted_of(moment, parts, search.kinds, search.groups)
    course, rows = _rows(moment, search, wanted, reached)
    # A database would carry the texts through its sorting.
    rows.sort(key=_PLACE, reverse=True)
    shown, following = rows[: search.limit], None
    if len(rows) > search.limit:
        ids = pack([*(reached.seen if reached else ()), *(row[0] for row in shown)])
        following = cursors.encode(search.scope(moment), [*course, ids])
    number = _total(moment, search, wanted, course) if total else None
    place = len(reached.seen) if reached else 0
    return Page(_hits(moment, shown, asked_for(parts), place), following, number)


class Reached(NamedTuple):
    """How far the pages have come: the course that they take, and the ids that they have shown."""

    course: Course
    seen: list[int]


def _reached(moment: Moment, search: Search) -> Reached | None:
    if search.cursor is None:
        return None
    way, *others, ids = cursors.decode(search.scope(moment), search.cursor)
    return Reached(Course(Way(way), *others), unpack(ids))


def _rows(
    moment: Moment, search: Search, wanted: Wanted, reached: Reached | None
) -> tuple[Course, list[Row]]:
    if reached:
        # The pages of a search go one way, whatever is published meanwhile.
        return reached.course, _along(moment, search, wanted, *reached)
    for course in search_courses.courses(moment, wanted, search.groups):
        if found := _along(moment, search, wanted, course):
            break
    return course, found


def _along(
    moment: Moment,
    search: Search,
    wanted: Wanted,
    course: Course,
    seen: list[int] | None = None,
) -> list[Row]:
    if course.way is Way.NOWHERE:
        return []
    ways = _ways(wanted, course)
    values = search.parameters(moment, ways, wanted)
    if course.way is Way.RECENT:
        values["since"] = course.since
    if seen is not None:
        # As texts, which both databases read from a list.
        values["seen"] = orjson.dumps([str(one) for one in seen]).decode()
    # Of one part, the index itself knows.
    titled = len(wanted.parts) > 1 or not ways.asked
    if titled:
        values["titled"] = expressions.titled(moment, wanted.parts, search.kinds)
    shape = Shape(_sizes(search, wanted), bool(ways.told), titled, seen is not None)
    statement = _page(shape, course, on_sqlite=moment.reader.is_sqlite)
    return moment.rows(statement, limit=search.limit + 1, **values)


def _left(search: Search, wanted: Wanted) -> Groups:
    """The groups of terms that each hit is asked for: those that the index is not."""
    return [group for group in search.groups if group not in wanted.filed]


def _sizes(search: Search, wanted: Wanted) -> tuple[int, ...]:
    return tuple(published.round_size(len(group)) for group in _left(search, wanted))


def _ways(wanted: Wanted, course: Course) -> Ways:
    ways = common_words.ways(wanted.parts, course.places)
    # All are told only beside what texts are filed by.
    return ways if ways.asked or wanted.filed else Ways(wanted.parts)


def _page(shape: Shape, course: Course, *, on_sqlite: bool) -> Select[Any]:
    if course.way is Way.NEWEST:
        return search_statements.newest(shape, on_sqlite=on_sqlite)
    if course.way is Way.RECENT:
        return search_statements.recent(shape)
    return search_statements.page(shape, on_sqlite=on_sqlite)


def _total(moment: Moment, search: Search, wanted: Wanted, course: Course) -> int:
    if course.way is Way.NOWHERE:
        return 0
    if course.way in (Way.NEWEST, Way.RECENT):
        return search_statements.MOST_RANKED
    ways = _ways(wanted, course)
    statement = search_statements.counting(_sizes(search, wanted), tells=bool(ways.told))
    row = moment.row(statement, **search.parameters(moment, ways, wanted))
    return row[0] if row else 0


# Score, and the newest first.
_PLACE = itemgetter(1, 0)


def _hits(moment: Moment, rows: Sequence[Row], asked: Asked, before: int) -> list[dict[str, Any]]:
    """As they are shown, behind so many."""
    # Read at once, in half of the time.
    every = orjson.loads(f"[{','.join([row[3] for row in rows])}]")
    return [
        {
            "id": known["id"],
            "slug": known["slug"],
            "locale": known["locale"],
            "kind": kind,
            # By its place alone: what words weigh would tell what is in texts that wait.
            "score": 1 / place,
            "url": moment.url(known) if kind == Kind.POST else None,
            "title": known["title" if kind == Kind.POST else "question"],
            "excerpt_html": excerpt(text, asked),
        }
        for place, ((_, _, kind, _, _, text), known) in enumerate(
            zip(rows, every, strict=True), before + 1
        )
    ]
