"""What is asked of a list: filters, order and place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cms.models import Kind
from cms.services import cursors, published
from cms.services.delivery import list_bounds, list_statements
from cms.services.delivery.list_statements import Bounds, Shape
from cms.services.delivery.moment import Moment
from cms.services.search_terms import Part
from cms.times import format_time


@dataclass(frozen=True)
class Words:
    """What a list is narrowed to: `parts`, as an expression of the full-text index, or terms alone
    (`is_filed`), which are asked for by `asked`. Without either, it finds nothing.

    Of that, `asked` is asked of the index, and `told` is looked for in the text of each row, as
    `sql_search.says_all` takes it. By `are_few`, the index is asked first, whatever PostgreSQL
    takes for its best plan. By `is_filed`, it is asked for all groups of terms, too.
    """

    whole: str = ""
    asked: str = ""
    told: str = ""
    are_few: bool = False
    parts: Sequence[Part] = ()
    is_filed: bool = False

    @property
    def shape(self) -> str:
        asked = ("few" if self.are_few else "asked") if self.asked else ""
        return " and ".join(filter(None, [asked, self.told and "told"]))


# Not frozen: it is made at each request, and a frozen one takes three times as long.
@dataclass(kw_only=True, slots=True)
class Question:
    """A list that somebody asks for. `groups` hold terms: any of each group, of every group.

    `slugs` and `entries` are allow-lists; None allows all, as it does for `words`.
    """

    kind: Kind
    sort: str
    limit: int
    cursor: str | None = None
    groups: Sequence[Sequence[str]] = ()
    bounds: dict[str, datetime] = field(default_factory=dict)
    slugs: Sequence[str] | None = None
    words: Words | None = None
    entries: Sequence[str] | None = None

    @property
    def answers_nothing(self) -> bool:
        empty = any(not group for group in self.groups)
        wordless = self.words is not None and not (self.words.whole or self.words.asked)
        return empty or wordless or self.slugs == [] or self.entries == []

    @property
    def allows_some(self) -> bool:
        """Whether there are allow-lists: then rows are found by those."""
        return self.slugs is not None or self.entries is not None

    @property
    def column(self) -> str:
        return self.sort.lstrip("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def shape(self, locales: int, span: "Span", found_by: Bounds, columns: str = "brief") -> Shape:
        return Shape(
            kind=self.kind,
            sort=self.column,
            descending=self.descending,
            locales=locales,
            groups=tuple(
                len(group) if n == 0 else published.round_size(len(group))
                for n, group in enumerate(self.groups)
            ),
            bounds=tuple(sorted(self.bounds)),
            slugs=_size(self.slugs),
            entries=_size(self.entries),
            after=span.after is not None,
            has_lower=span.lower is not None,
            has_upper=span.upper is not None,
            columns=columns,
            words=self.words and self.words.shape,
            found_by=found_by,
        )

    def scope(self, moment: Moment) -> str:
        """What a cursor of this list is good for."""
        parts = [self.kind, moment.locale, self.sort, self.groups, self.slugs, self.entries]
        parts.append(self.words and self.words.whole)
        return cursors.scope("delivery", {"list": parts, "bounds": self.bounds})

    def parameters(self, moment: Moment) -> dict[str, Any]:
        found: dict[str, Any] = {f"locale_{n}": one for n, one in enumerate(moment.locales)}
        found |= {name: format_time(value) for name, value in self.bounds.items()}
        for number, group in enumerate(self.groups):
            name = f"term_{number}"
            plain = {f"{name}_{n}": one for n, one in enumerate(group)}
            found |= published.padded(name, list(group)) if number else plain
        if self.words:
            found |= {"query": self.words.asked, "told": self.words.told}
        for name, values in (("slug", self.slugs), ("entry", self.entries)):
            if values is not None:
                found |= published.padded(name, list(values))
        return found


@dataclass(slots=True)
class Span:
    """Which part of the order a page may hold: values of the sort column, and the last row seen."""

    lower: Any = None
    upper: Any = None
    after: list[Any] | None = None

    def parameters(self) -> dict[str, Any]:
        value, last = self.after or (None, None)
        found = {"lower": self.lower, "upper": self.upper}
        found |= {"after_value": value, "after_id": last}
        return {name: value for name, value in found.items() if value is not None}


def span_of(moment: Moment, question: Question, scope: str) -> Span:
    """The tightest bounds that time, filters and cursor give. Raises Malformed for a bad cursor."""
    after = None if question.cursor is None else cursors.decode(scope, question.cursor)
    place = [after[0]] if after else []
    lower, upper = ([], place) if question.descending else (place, [])
    if question.column in list_statements.TIMED:
        key = list_statements.SORTS[question.column].key
        own = list_bounds.by_column(question.bounds).get(key, ())
        # As text of a fixed width, times compare as they should.
        times = {name: format_time(question.bounds[name]) for name in own}
        upper = [*upper, *(times[name] for name in own if list_bounds.is_upper(name))]
        # Without another bound, the list ends at `:now` by itself; and what a page before has shown
        # lies behind it. To ask for the time would be a round trip.
        upper = [*upper, moment.now] if upper and not (place and question.descending) else upper
        lower = [*lower, *(times[name] for name in own if not list_bounds.is_upper(name))]
    return Span(max(lower, default=None), min(upper, default=None), after)


def _size(values: Sequence[str] | None) -> int:
    return published.round_size(len(values)) if values is not None else 0
