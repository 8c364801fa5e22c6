"""Split HTML into tags and text, as the HTML standard does, in one linear pass."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_NAME = r"[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
_VALUE = r"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>]*+"
_EQUALS = r"[ \t\n\f\r]*+=[ \t\n\f\r]*+"
_GAP = r"[ \t\n\f\r/]*+"

_ATTRIBUTE = re.compile(rf"{_GAP}({_NAME})(?:{_EQUALS}({_VALUE}))?+")

# Every branch that looks for an end also takes the end of the source (\Z) for one. A branch
# that failed there would be tried again at each following `<`: quadratic on hostile input.
_TOKEN = re.compile(
    rf"""
    (?P<comment> <!-- (?: -?> | .*? (?: --!?> | \Z ) ) )
  | (?P<bogus> < (?: [!?] | /(?![a-zA-Z]) ) [^>]*+ (?: > | \Z ) )
  | < (?P<slash> /?+ ) (?P<name> [a-zA-Z][^ \t\n\f\r/>]*+ )
    (?P<attributes> (?: {_GAP}{_NAME} (?: {_EQUALS}(?:{_VALUE}) )?+ )*+ ) {_GAP} (?: > | \Z )
  | (?P<text> [^<]++ | < )
    """,
    re.VERBOSE | re.DOTALL,
)

# Elements that show nothing of their content, or something that is not text.
_SKIPPED = "head iframe math object script style svg template title".split()
_ENDS = {name: re.compile(rf"</{name}[^>]*+>|\Z", re.IGNORECASE) for name in _SKIPPED}


class Tag(NamedTuple):
    """A start or end tag. `attributes` is as written; `attributes_of` reads it."""

    name: str
    is_end: bool
    attributes: str


def tokens_of(html: str) -> Iterator[Tag | str]:
    """Tags, and text with its entities as written. Comments and skipped elements are left out."""
    position = 0
    while match := _TOKEN.match(html, position):
        position = match.end()
        if match["text"] or (not match["comment"] and not match[0].endswith(">")):
            yield match[0]  # A tag that never ends is shown rather than lost.
        elif match["name"]:
            tag = Tag(match["name"].lower(), bool(match["slash"]), match["attributes"])
            if tag.name not in _ENDS:
                yield tag
            elif not tag.is_end and not match[0].endswith("/>"):
                position = _ENDS[tag.name].search(html, position).end()


def attributes_of(tag: Tag) -> dict[str, str]:
    """Names in lower case and values with entities as written; the first of a name counts."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(tag.attributes):
        bare = value[1:].removesuffix(value[0]) if value[:1] in ("'", '"') else value
        found.setdefault(name.lower(), bare)
    return found
