"""Split HTML into tags and text, as the HTML standard does, in one linear pass."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cms.content.allowed import ATTRIBUTES
from cms.content.structure import CELLS

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
_SKIPPED = ["iframe", "math", "script", "style", "svg", "template", "title"]
_ENDS = {name: re.compile(rf"</{name}(?![^ \t\n\f\r/>])[^>]*+>", re.I) for name in _SKIPPED}

_ALIGN = {
    "align": re.compile(r"^[ ]*(left|center|right)[ ]*$", re.IGNORECASE),
    "style": re.compile(r"text-align:[ ]*+(left|center|right)\b", re.IGNORECASE),
}


class Tag(NamedTuple):
    """A start or end tag. `attributes` is as written; `attributes_of` reads it."""

    name: str
    is_end: bool
    attributes: str


def tokens_of(html: str) -> Iterator[Tag | str]:
    """Tags, and text with its entities as written. Comments and skipped elements are left out."""
    position = 0
    ends = dict(_ENDS)
    while match := _TOKEN.match(html, position):
        position = match.end()
        if match["text"] or (not match["comment"] and not match[0].endswith(">")):
            yield match[0]  # A tag that never ends is shown rather than lost.
        elif match["name"]:
            tag = Tag(match["name"].lower(), bool(match["slash"]), match["attributes"])
            if tag.name not in _ENDS:
                yield tag
            elif tag.name in ends and not tag.is_end and not match[0].endswith("/>"):
                if end := ends[tag.name].search(html, position):
                    position = end.end()
                else:  # Only a tag, then, and not looked for again: that would be quadratic.
                    del ends[tag.name]


def attributes_of(tag: Tag) -> dict[str, str]:
    """Names in lower case and values with entities as written; the first of a name counts."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(tag.attributes):
        bare = value[1:].removesuffix(value[0]) if value[:1] in ("'", '"') else value
        found.setdefault(name.lower(), bare)
    return found


def start_tag(tag: Tag) -> str:
    """The start tag with its allowed attributes, quoted."""
    allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag.name, set())
    attributes = attributes_of(tag) if tag.attributes else {}
    if tag.name in CELLS:
        attributes = _with_alignment(attributes)
    kept = [f' {name}="{_quoted(attributes[name])}"' for name in attributes if name in allowed]
    return f"<{tag.name}{''.join(kept)}>"


def _with_alignment(attributes: dict[str, str]) -> dict[str, str]:
    """A cell's `align` or `style="text-align:…"`, as a class."""
    for name, pattern in _ALIGN.items():
        if found := pattern.search(attributes.get(name, "")):
            classes = f"{attributes.get('class', '')} align-{found[1].lower()}"
            return attributes | {"class": classes.strip()}
    return attributes


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
