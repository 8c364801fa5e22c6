"""The difference of two texts, line by line, in a time that grows with their length alone.

An exact comparison is quadratic where texts are hostile. So lines that stand once in both texts
are matched first (patience), again between those; only what is left is compared exactly, for as
long as a fixed budget lasts. Past it, a part is shown as replaced as a whole.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# How often the lines between matches are matched again.
DEEPEST = 8
# Pairs of lines that one comparison may look at exactly: some 30 milliseconds.
MOST_PAIRS = 250_000
# Lines around a change.
CONTEXT = 3

# A line of the one text that is a line of the other, by their places.
Match = tuple[int, int]
# Where each text's part begins and ends.
Part = tuple[int, int, int, int]


@dataclass(frozen=True)
class TextDiff:
    """`text` is a unified diff without file names, empty where nothing differs.

    `coarse`: a part was too much to compare, and is shown as replaced though lines of it may be
    the same.
    """

    text: str
    coarse: bool


def compare(before: str, after: str) -> TextDiff:
    # No text has no line; any other ends with the line that nothing ends.
    old, new = (text.split("\n") if text else [] for text in (before, after))
    matching = Matching(*_numbered(old, new))
    return TextDiff("\n".join(_unified(old, new, matching.matches)), matching.coarse)


def _numbered(*texts: list[str]) -> list[list[int]]:
    """The same lines as numbers: long ones that differ in their last letter are slow to compare."""
    known: dict[str, int] = {}
    return [[known.setdefault(line, len(known)) for line in lines] for lines in texts]


class Matching:
    """The lines that two texts share, in the order of both."""

    def __init__(self, old: list[int], new: list[int]) -> None:
        self.old, self.new = old, new
        self.matches: list[Match] = []
        self.coarse = False
        self._pairs_left = MOST_PAIRS
        parts = [((0, len(old), 0, len(new)), 0)]
        while parts:
            part, depth = parts.pop()
            parts += [(inner, depth + 1) for inner in self._between(self._trimmed(part), depth)]
        self.matches.sort()

    def _trimmed(self, part: Part) -> Part:
        """What is left between the lines that a part begins and ends with in both texts."""
        start, end, new_start, new_end = part
        while start < end and new_start < new_end and self.old[start] == self.new[new_start]:
            self.matches.append((start, new_start))
            start, new_start = start + 1, new_start + 1
        while start < end and new_start < new_end and self.old[end - 1] == self.new[new_end - 1]:
            end, new_end = end - 1, new_end - 1
            self.matches.append((end, new_end))
        return start, end, new_start, new_end

    def _between(self, part: Part, depth: int) -> list[Part]:
        """Match what can be matched in a part; the parts between are still to be looked at."""
        start, end, new_start, new_end = part
        shared = set(self.old[start:end]) & set(self.new[new_start:new_end])
        if not shared:
            return []
        anchors = self._anchors(part) if depth < DEEPEST else []
        if not anchors:
            self._match_exactly(part, shared)
            return []
        self.matches += anchors
        edges = [(start - 1, new_start - 1), *anchors, (end, new_end)]
        return [(a + 1, b, c + 1, d) for (a, c), (b, d) in pairwise(edges)]

    def _anchors(self, part: Part) -> list[Match]:
        """Lines that stand once on each side, as many as keep their order."""
        start, end, new_start, new_end = part
        places = _once(self.new, new_start, new_end)
        found = _once(self.old, start, end)
        return _rising((at, places[line]) for line, at in found.items() if line in places)

    def _match_exactly(self, part: Part, shared: set[int]) -> None:
        start, end, new_start, new_end = part
        rows = [at for at in range(start, end) if self.old[at] in shared]
        columns = [at for at in range(new_start, new_end) if self.new[at] in shared]
        if len(rows) * len(columns) > self._pairs_left:
            self.coarse = True
            return
        self._pairs_left -= len(rows) * len(columns)
        old, new = [self.old[at] for at in rows], [self.new[at] for at in columns]
        self.matches += [(rows[a], columns[b]) for a, b in _longest_common(old, new)]


def _once(lines: list[int], start: int, end: int) -> dict[int, int]:
    """The place of each line that stands once between two places."""
    times = Counter(lines[start:end])
    return {lines[at]: at for at in range(start, end) if times[lines[at]] == 1}


def _rising(matches: Iterable[Match]) -> list[Match]:
    """The longest part of matches in which the second place rises too; the first one does."""
    lasts: list[int] = []
    piles: list[int] = []
    known = list(matches)
    before: list[int | None] = []
    for number, (_, place) in enumerate(known):
        pile = bisect_left(lasts, place)
        before.append(piles[pile - 1] if pile else None)
        lasts[pile : pile + 1], piles[pile : pile + 1] = [place], [number]
    found, at = [], piles[-1] if piles else None
    while at is not None:
        found.append(known[at])
        at = before[at]
    return found[::-1]


def _longest_common(old: Sequence[int], new: Sequence[int]) -> Iterator[Match]:
    """The longest common subsequence, in `len(old) * len(new)` steps."""
    lengths = _lengths(old, new)
    at = new_at = 0
    while at < len(old) and new_at < len(new):
        if old[at] == new[new_at]:
            yield at, new_at
            at, new_at = at + 1, new_at + 1
        elif lengths[at + 1][new_at] >= lengths[at][new_at + 1]:
            at += 1
        else:
            new_at += 1


def _lengths(old: Sequence[int], new: Sequence[int]) -> list[list[int]]:
    """How long the common part of `old[a:]` and `new[b:]` is, at `[a][b]`."""
    below = [0] * (len(new) + 1)
    rows = [below]
    for line in reversed(old):
        row = [0] * (len(new) + 1)
        for at in range(len(new) - 1, -1, -1):
            same = line == new[at]
            row[at] = below[at + 1] + 1 if same else max(below[at], row[at + 1])
        rows.append(row)
        below = row
    return rows[::-1]


@dataclass(frozen=True)
class _Change:
    """Lines of the old text, and those of the new one in their place."""

    start: int
    end: int
    new_start: int
    new_end: int


def _unified(old: list[str], new: list[str], matches: list[Match]) -> Iterator[str]:
    for hunk in _hunks(_changes(matches, len(old), len(new))):
        first, last = hunk[0], hunk[-1]
        # What stands before and after a change is the same in both texts, and as long.
        lead, tail = min(CONTEXT, first.start), min(CONTEXT, len(old) - last.end)
        at, end = first.start - lead, last.end + tail
        spans = _span(at, end), _span(first.new_start - lead, last.new_end + tail)
        yield "@@ -{} +{} @@".format(*spans)
        for change in hunk:
            yield from (f" {line}" for line in old[at : change.start])
            yield from (f"-{line}" for line in old[change.start : change.end])
            yield from (f"+{line}" for line in new[change.new_start : change.new_end])
            at = change.end
        yield from (f" {line}" for line in old[at:end])


def _changes(matches: list[Match], old_end: int, new_end: int) -> Iterator[_Change]:
    at = new_at = 0
    for match, new_match in [*matches, (old_end, new_end)]:
        if (match, new_match) != (at, new_at):
            yield _Change(at, match, new_at, new_match)
        at, new_at = match + 1, new_match + 1


def _hunks(changes: Iterable[_Change]) -> Iterator[list[_Change]]:
    """Changes that are so near to each other that the lines around them meet."""
    hunk: list[_Change] = []
    for change in changes:
        if hunk and change.start - hunk[-1].end > 2 * CONTEXT:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk


def _span(start: int, end: int) -> str:
    """Lines as unified diffs number them: from 1, and the line before where there is none."""
    length = end - start
    return f"{start + 1 if length else start},{length}"
