"""One page of public rows: shape, parameters, cursor and total, for posts and FAQs alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cms.models import Kind
from cms.reading import Row
from cms.services import cursors, listing, published
from cms.services.delivery.moment import Moment
from cms.services.listing import Shape
from cms.times import format_time

TOP = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A list that somebody asks for. `groups` hold terms: any of each group, of every group.

    `slugs` and `entries` are allow-lists; None allows all.
    """

    kind: Kind
    sort: str
    limit: int
    cursor: str | None = None
    groups: Sequence[Sequence[str]] = ()
    bounds: dict[str, datetime] = field(default_factory=dict)
    slugs: Sequence[str] | None = None
    entries: Sequence[str] | None = None
    full: bool = False

    @property
    def answers_nothing(self) -> bool:
        empty = any(not group for group in self.groups)
        return empty or self.slugs == [] or self.entries == []

    def shape(self, moment: Moment) -> Shape:
        return Shape(
            kind=self.kind,
            sort=self.sort.lstrip("-"),
            descending=self.sort.startswith("-"),
            locales=len(moment.locales),
            groups=tuple(
                len(group) if n == 0 else published.round_size(len(group))
                for n, group in enumerate(self.groups)
            ),
            bounds=tuple(sorted(self.bounds)),
            slugs=_size(self.slugs),
            entries=_size(self.entries),
            after=self.cursor is not None,
            full=self.full,
        )

    def scope(self, moment: Moment) -> str:
        """What a cursor of this list is good for."""
        parts = [self.kind, moment.locale, self.sort, self.groups, self.slugs, self.entries]
        return cursors.scope("delivery", {"list": parts, "bounds": self.bounds})

    def parameters(self, moment: Moment) -> dict[str, Any]:
        found: dict[str, Any] = {f"locale_{n}": one for n, one in enumerate(moment.locales)}
        found |= {name: format_time(value) for name, value in self.bounds.items()}
        for number, group in enumerate(self.groups):
            name = f"term_{number}"
            plain = {f"{name}_{n}": one for n, one in enumerate(group)}
            found |= published.padded(name, list(group)) if number else plain
        for name, values in (("slug", self.slugs), ("entry", self.entries)):
            if values is not None:
                found |= published.padded(name, list(values))
        return found


def rows(moment: Moment, question: Question) -> tuple[list[Row], str | None]:
    """The rows of one page, and the cursor of the next. Raises Malformed for a bad cursor."""
    scope = question.scope(moment)
    values = question.parameters(moment) | {"limit": question.limit + 1}
    if question.cursor is not None:
        place = cursors.decode(scope, question.cursor)
        values |= {"after_value": place[0], "after_id": place[1]}
    if question.answers_nothing:
        return [], None
    found = moment.rows(listing.statement(question.shape(moment)), **values)
    page = found[: question.limit]
    more = len(found) > question.limit
    return page, cursors.encode(scope, _place(page[-1])) if more else None


def total(moment: Moment, question: Question) -> int:
    """How many rows the whole list has."""
    if question.answers_nothing:
        return 0
    terms = [term for group in question.groups for term in group]
    filtered = question.bounds or question.slugs is not None or question.entries is not None
    if len(terms) <= 1 and not filtered:
        return counts(moment, question.kind, terms or [TOP])[terms[0] if terms else TOP]
    shape = replace(question.shape(moment), after=False)
    row = moment.row(listing.counting(shape), **question.parameters(moment))
    return row[0] if row else 0


def counts(moment: Moment, kind: Kind, terms: Sequence[str]) -> dict[str, int]:
    """How many public rows each term has, from counters and what they do not know yet."""
    found = dict.fromkeys(terms, 0)
    statement = listing.counters(published.round_size(len(terms)))
    counted = moment.rows(statement, kind=kind, **published.padded("term", list(terms)))
    missing = moment.rows(published.not_showing(kind))
    for sign, part in ((1, counted), (-1, missing)):
        for locale, term, number in part:
            if locale in moment.locales and term in found:
                found[term] += sign * number
    return found


def _size(values: Sequence[str] | None) -> int:
    return published.round_size(len(values)) if values is not None else 0


def _place(row: Row) -> list[str | int]:
    value = row[1]
    return [format_time(value) if isinstance(value, datetime) else value, row[0]]
