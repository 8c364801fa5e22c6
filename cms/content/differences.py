"""What changed from one text to another, as a unified diff, in bounded time and length.

Myers' algorithm, given up beyond MOST_EDITS: its time is then in proportion to the length, where
`difflib` is quadratic and worse on texts made for it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Lines put in and taken out, beyond which a part is shown as replaced whole.
MOST_EDITS = 200
# Lines between the equal beginning and the equal end, beyond which none are compared.
MOST_LINES = 2_000
# Characters of a diff, beyond which it only says how much changed.
MOST_CHARACTERS = 100_000
CONTEXT = 3

HEADER = "--- before\n+++ after\n"
REPLACED = "Too much changed to compare line by line: the whole part is shown as replaced.\n"
TOO_LONG = "Too much changed to show: lines {} to {} became lines {} to {}.\n"


class Change(NamedTuple):
    """Lines `start:end` of the old text became lines `new_start:new_end` of the new one."""

    start: int
    end: int
    new_start: int
    new_end: int


def unified(before: str, after: str) -> str:
    """A unified diff of lines with three lines around each change; empty for equal texts.

    Where too much changed to be compared, a line above the diff says so.
    """
    if before == after:
        return ""
    old, new = before.split("\n"), after.split("\n")
    whole = _changed_part(old, new)
    changes = _compared(old, new, whole)
    said = "" if changes else REPLACED
    text = "".join(_hunks(old, new, changes or [whole]))
    if len(text) > MOST_CHARACTERS:
        return TOO_LONG.format(whole.start + 1, whole.end, whole.new_start + 1, whole.new_end)
    return f"{said}{HEADER}{text}"


def _changed_part(old: Sequence[str], new: Sequence[str]) -> Change:
    """What is between the equal beginning and the equal end of two texts that differ."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - start
    same = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return Change(start, len(old) - same, start, len(new) - same)


def _compared(old: Sequence[str], new: Sequence[str], part: Change) -> list[Change]:
    """The changes within a part, or none where that would take too long."""
    if max(part.end - part.start, part.new_end - part.new_start) > MOST_LINES:
        return []
    names: dict[str, int] = {}
    first = [names.setdefault(line, len(names)) for line in old[part.start : part.end]]
    second = [names.setdefault(line, len(names)) for line in new[part.new_start : part.new_end]]
    found = _traced(first, second)
    return [
        Change(part.start + a, part.start + b, part.new_start + c, part.new_start + d)
        for a, b, c, d in found
    ]


def _traced(old: Sequence[int], new: Sequence[int]) -> list[Change]:
    """The fewest changes from one list to the other, or none if they are more than MOST_EDITS."""
    # reached[k]: how far into `old` the best path on diagonal k (old - new) has come.
    reached, history = {1: 0}, []
    for edits in range(min(len(old) + len(new), MOST_EDITS) + 1):
        history.append(dict(reached))
        for diagonal in range(-edits, edits + 1, 2):
            x = _step(reached, diagonal, edits)
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            reached[diagonal] = x
            if x >= len(old) and y >= len(new):
                return _joined(_walked_back(history, len(old), len(new)))
    return []


def _step(reached: dict[int, int], diagonal: int, edits: int) -> int:
    if _goes_down(reached, diagonal, edits):
        return reached[diagonal + 1]
    return reached[diagonal - 1] + 1


def _goes_down(reached: dict[int, int], diagonal: int, edits: int) -> bool:
    """Whether the best path comes here by putting a line in, rather than by taking one out."""
    if diagonal in (-edits, edits):
        return diagonal == -edits
    return reached[diagonal - 1] < reached[diagonal + 1]


def _walked_back(history: list[dict[int, int]], x: int, y: int) -> Iterator[Change]:
    """Each single edit, the last first."""
    for edits in range(len(history) - 1, 0, -1):
        reached = history[edits]
        down = _goes_down(reached, x - y, edits)
        diagonal = x - y + (1 if down else -1)
        x = reached[diagonal]
        y = x - diagonal
        yield Change(x, x, y, y + 1) if down else Change(x, x + 1, y, y)


def _joined(edits: Iterator[Change]) -> list[Change]:
    """Edits that touch, as one change; the first first."""
    found: list[Change] = []
    for edit in reversed(list(edits)):
        last = found[-1] if found else None
        if last and (last.end, last.new_end) == (edit.start, edit.new_start):
            found[-1] = Change(last.start, edit.end, last.new_start, edit.new_end)
        else:
            found.append(edit)
    return found


def _hunks(old: Sequence[str], new: Sequence[str], changes: Sequence[Change]) -> Iterator[str]:
    for group in _grouped(changes):
        first, last = group[0], group[-1]
        before = min(CONTEXT, first.start)
        after = min(CONTEXT, len(old) - last.end)
        taken = _place(first.start - before, last.end + after)
        put = _place(first.new_start - before, last.new_end + after)
        yield f"@@ -{taken} +{put} @@\n"
        at = first.start - before
        for change in group:
            yield from (f" {line}\n" for line in old[at : change.start])
            yield from (f"-{line}\n" for line in old[change.start : change.end])
            yield from (f"+{line}\n" for line in new[change.new_start : change.new_end])
            at = change.end
        yield from (f" {line}\n" for line in old[at : last.end + after])


def _grouped(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes so near to each other that the lines around them meet."""
    group = [changes[0]]
    for change in changes[1:]:
        if change.start - group[-1].end > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    yield group


def _place(start: int, end: int) -> str:
    """As `diff` writes a range: lines from 1, and of an empty one the line before."""
    length = end - start
    return f"{start + 1 if length else start},{length}"
