"""What the public finds by words: posts and FAQs together, best first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from cms.models import Kind
from cms.reading import Row
from cms.services import cursors, published, search_terms
from cms.services.cursors import Page
from cms.services.delivery import common_words, search_statements
from cms.services.delivery.excerpts import Asked, asked_for, excerpt
from cms.services.delivery.lists import Words
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part


@dataclass(slots=True, kw_only=True)
class Search:
    """`groups` hold terms: any of each group, of every group."""

    text: str
    kinds: Sequence[Kind]
    limit: int
    cursor: str | None = None
    groups: Sequence[Sequence[str]] = ()

    def scope(self, moment: Moment) -> str:
        asked = [self.text, self.kinds, moment.locale, self.groups]
        return cursors.scope("search", {"asked": asked})

    def sizes(self) -> tuple[int, ...]:
        return tuple(published.round_size(len(group)) for group in self.groups)

    def parameters(self, moment: Moment, parts: Sequence[Part]) -> dict[str, Any]:
        found: dict[str, Any] = {"query": common_words.expression(moment, parts, self.kinds)}
        for number, group in enumerate(self.groups):
            found |= published.padded(f"term_{number}", list(group))
        return found


def narrowing(moment: Moment, text: str, kind: Kind) -> Words:
    """For a list of one kind. Raises Malformed for too many words."""
    parts = search_terms.parse(text)
    if not parts:
        return Words("")
    # With many hits, a list is read in its order and each row is asked for the words.
    many = moment.reader.is_sqlite and common_words.are_many(moment, parts, [kind])
    return Words(common_words.expression(moment, parts, [kind]), many=many)


def find(moment: Moment, search: Search, *, total: bool) -> Page:
    """A page of hits. Raises Malformed for a bad cursor, and for too many words."""
    parts = search_terms.parse(search.text)
    after = None
    if search.cursor is not None:
        after = cursors.decode(search.scope(moment), search.cursor)
    if not parts or any(not group for group in search.groups):
        return Page([], None, 0 if total else None)
    # The pages of a search are of one order, whatever is published meanwhile.
    known = after[2] if after and len(after) > 2 else None
    told = common_words.told_apart(moment, parts, search.kinds, known)
    values = search.parameters(moment, told.parts)
    number = _total(moment, search, values) if total else None
    if after:
        values |= {"after_score": after[0], "after_id": after[1]}
    if told.has_common:
        values["titled"] = common_words.titled(moment, told.telling, search.kinds)
    statement = search_statements.page(search.sizes(), told.has_common, after=after is not None)
    rows = moment.rows(statement, limit=search.limit + 1, **values)
    # A database would carry the texts through its sorting.
    rows.sort(key=_place, reverse=True)
    shown, following = rows[: search.limit], None
    if len(rows) > search.limit:
        following = cursors.encode(search.scope(moment), [*_place(shown[-1]), told.common])
    asked = asked_for(parts)
    return Page([_hit(moment, row, asked) for row in shown], following, number)


def _total(moment: Moment, search: Search, values: dict[str, Any]) -> int:
    row = moment.row(search_statements.counting(search.sizes()), **values)
    return row[0] if row else 0


def _place(row: Row) -> list[Any]:
    return [row[1], row[0]]


def _hit(moment: Moment, row: Row, asked: Asked) -> dict[str, Any]:
    _, score, kind, frozen, text = row
    known = orjson.loads(frozen)
    is_post = kind == Kind.POST
    return {
        "id": known["id"],
        "slug": known["slug"],
        "locale": known["locale"],
        "kind": kind,
        # To a millionth: `round` takes twice as long.
        "score": int(score * 1e6 + 0.5) / 1e6,
        "url": moment.url(known) if is_post else None,
        "title": known["title" if is_post else "question"],
        "excerpt_html": excerpt(text, asked),
    }
