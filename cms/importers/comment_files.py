"""Comments as JSON and as CSV: records out of a file, and the parts of a file out of rows.

A row is a mapping of the fields of `CommentRecord`, or of some of them. What is written and read
again is the same to the letter.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import PurePath
from typing import Any

import orjson

from cms.errors import Invalid
from cms.importers.comment_records import CommentRecord, record
from cms.times import format_time

# With these a spreadsheet takes a cell for a formula, whatever space or marks stand before;
# the wide and small forms as well, which some of them narrow first.
FORMULA = re.compile(
    r"[\t\r\n]|[\s\ufeff\u200b-\u200f\u2060]*"
    r"[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
)
# What a spreadsheet hides, and takes the rest for text.
MARK = "'"
# Of these an empty cell is an empty text. Of others it is nothing.
NEVER_NOTHING = ("author_name", "author_email", "body")
# No cell may be longer; far more than any field may hold.
LONGEST_CELL = 1_000_000

Row = Mapping[str, Any]


def kind_of(name: str) -> str | None:
    """What a file is by its name, `json` or `csv`; None where that does not tell."""
    kind = PurePath(name).suffix.lower().lstrip(".")
    return kind if kind in READERS else None


def read(data: bytes, kind: str) -> list[CommentRecord]:
    """All of a file. Raises Invalid for its first fault, naming the comment and the field."""
    try:
        raw = READERS[kind](_text(data))
    except (ValueError, csv.Error) as error:
        raise _bad(f"This is no {kind.upper()} of comments: {error}") from None
    records = [_record(number, one) for number, one in enumerate(raw, start=1)]
    known: set[str] = set()
    for number, one in enumerate(records, start=1):
        if one.id in known:
            raise _bad(f"Comment {number}: id: {one.id} was there before")
        known.add(one.id)
    return records


def written(rows: Iterable[Row], names: Sequence[str], kind: str) -> Iterator[str]:
    """The parts of a file, in order."""
    return WRITERS[kind](rows, names)


def escaped(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `plain` gives the text back."""
    return MARK + text if FORMULA.match(text.lstrip(MARK)) else text


def plain(cell: str) -> str:
    marked = cell.startswith(MARK) and FORMULA.match(cell.lstrip(MARK))
    return cell[1:] if marked else cell


def _record(number: int, raw: Any) -> CommentRecord:
    try:
        return record(raw)
    except ValueError as error:
        raise _bad(f"Comment {number}: {error}") from None


def _bad(detail: str) -> Invalid:
    return Invalid("/file", detail, reason="archive_invalid")


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not of UTF-8") from None
    if not text.strip():
        raise ValueError("there is nothing in it")
    return text


def _from_json(text: str) -> list[Any]:
    found = orjson.loads(text)
    if not isinstance(found, list):
        raise ValueError("a list is wanted")
    return found


def _from_csv(text: str) -> list[dict[str, Any]]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        # Lines with nothing in them are nobody's comment.
        head, *lines = filter(None, csv.reader(io.StringIO(text, newline=""), strict=True))
    finally:
        csv.field_size_limit(before)
    _check_columns(head)
    for number, line in enumerate(lines, start=1):
        if len(line) != len(head):
            raise ValueError(f"comment {number} has {len(line)} cells, and not {len(head)}")
    return [
        {name: _value(name, cell) for name, cell in zip(head, line, strict=True)} for line in lines
    ]


def _check_columns(head: Sequence[str]) -> None:
    """Raises ValueError where the first line does not name fields of comments."""
    if len(set(head)) != len(head):
        raise ValueError("two columns have one name")
    known = {column.name: column.default for column in fields(CommentRecord)}
    unknown = next((name for name in head if name not in known), None)
    if unknown is not None:
        first = "its first line names the columns, parted by commas"
        raise ValueError(f"{first}, and {unknown[:50]!r} is none")
    missing = [name for name, default in known.items() if default is MISSING and name not in head]
    if missing:
        raise ValueError(f"it has no column {missing[0]!r}")


def _value(name: str, cell: str) -> Any:
    if name == "is_staff":
        return {"true": True, "false": False, "": None}.get(cell.lower(), cell)
    return plain(cell) or ("" if name in NEVER_NOTHING else None)


def _to_json(rows: Iterable[Row], names: Sequence[str]) -> Iterator[str]:
    between = "[\n"
    for row in rows:
        yield between + orjson.dumps({name: _told(row[name]) for name in names}).decode()
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _to_csv(rows: Iterable[Row], names: Sequence[str]) -> Iterator[str]:
    # The mark of UTF-8: without it, Excel reads another alphabet.
    yield "\ufeff" + _line(names)
    for row in rows:
        yield _line([_cell(row[name]) for name in names])


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escaped(_told(value) or "")


def _told(value: Any) -> Any:
    return format_time(value) if isinstance(value, datetime) else value


READERS: dict[str, Callable[[str], list[Any]]] = {"json": _from_json, "csv": _from_csv}
WRITERS: dict[str, Callable[[Iterable[Row], Sequence[str]], Iterator[str]]] = {
    "json": _to_json,
    "csv": _to_csv,
}
KINDS = tuple(READERS)
