"""A sanitised tree as Markdown that renders to the same text.

What Markdown has no notation for, or not a reliable one, stays HTML: CommonMark takes both.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from selectolax.lexbor import LexborNode

from cms.content.allowed import BLOCKS, HEADINGS
from cms.content.inline_markdown import inline_markdown
from cms.content.tree import code_text

# Quotes and lists in each other beyond this stay HTML. It bounds the recursion and the indent.
MAX_DEPTH = 6

# Attributes that have a notation; a block with any other stays HTML.
_NOTED = {"ol": {"start"}} | {heading: {"id"} for heading in HEADINGS}

_ANY_BLOCK = ", ".join(sorted(BLOCKS))
_LINE_START = re.compile(r"(?=[#+-])|(?<=\d)(?=[.)])")
_ALIGNED = {"": "---", "align-left": ":--", "align-center": ":-:", "align-right": "--:"}
_BOXES = {"☐ ": "[ ] ", "☑ ": "[x] "}


def markdown_of(nodes: Iterable[LexborNode]) -> str:
    """Markdown of these top-level blocks, with a newline at the end unless there are none."""
    text = _flow(nodes, 0)
    return f"{text}\n" if text else ""


def _flow(nodes: Iterable[LexborNode], depth: int) -> str:
    """Blocks parted by blank lines; text between them, as in a list item, is a paragraph."""
    written, previous = [], ""
    for is_block, group in groupby(nodes, key=_is_block):
        for node in group if is_block else [list(group)]:
            text = _block(node, depth) if is_block else _paragraph(node)
            kind = node.tag if is_block else "text"
            if text:
                written += [_gap(previous, kind, text), text]
                previous = kind
    return "".join(written[1:])


def _gap(previous: str, kind: str, text: str) -> str:
    if kind == previous and kind in ("ul", "ol"):
        return "\n\n<!-- -->\n\n"  # Or the two lists would be one.
    if previous == "text" and re.match(r"(?:-|1\.) \w", text) and kind in ("ul", "ol"):
        return "\n"
    return "\n\n"


def _is_block(node: LexborNode) -> bool:
    return node.tag in BLOCKS or (node.is_element_node and bool(node.css(_ANY_BLOCK)))


def _is_mixed(container: LexborNode) -> bool:
    """Whether a mark of words has blocks in it: its first words may go on from those before it."""
    return any(child.tag not in BLOCKS and _is_block(child) for child in container.iter())


def _block(node: LexborNode, depth: int) -> str:
    writer = _WRITERS.get(node.tag)
    if writer is None or depth >= MAX_DEPTH or node.attributes.keys() - _NOTED.get(node.tag, ()):
        return _raw(node)
    return writer(node, depth)


def _raw(node: LexborNode) -> str:
    """HTML on one line, as a blank line would end it. The comment makes it a block of HTML."""
    mark = "" if node.tag in BLOCKS - {"pre"} else "<!-- -->"
    return mark + node.html.replace("\n", "&#10;")


def _paragraph(nodes: Iterable[LexborNode]) -> str:
    text = inline_markdown(nodes)
    word = re.match(r"\d{0,9}\S?", text)[0]
    return _LINE_START.sub(r"\\", word, count=1) + text[len(word) :]


def _heading(node: LexborNode, _depth: int) -> str:
    text = inline_markdown(node.iter(include_text=True))
    words = text.rstrip("#")
    return f"{'#' * int(node.tag[1])} {words}" + "\\#" * (len(text) - len(words))


def _quote(node: LexborNode, depth: int) -> str:
    if _is_mixed(node):
        return _raw(node)
    text = _flow(node.iter(include_text=True), depth + 1)
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _code(node: LexborNode, depth: int) -> str:
    text = code_text(node).removesuffix("\n")
    code = node.css_first("code[class^=language-]")
    language = code.attributes["class"].split()[0].removeprefix("language-") if code else ""
    marked = any(one.tag not in {"pre", "code", "br"} for one in node.css("*"))
    if marked or not text.strip() or (depth and "\t" in text):
        return _raw(node)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or ["``"]))
    return f"{fence}{language}\n{text}\n{fence}"


def _list(node: LexborNode, depth: int) -> str:
    items = list(node.iter())
    if any(item.tag != "li" or set(item.attributes) - {"class"} for item in items):
        return _raw(node)
    if any(map(_is_mixed, items)):
        return _raw(node)
    first = int(node.attributes.get("start") or 1)
    if first + len(items) > 999_999_999:
        return _raw(node)
    markers = [f"{first + i}. " if node.tag == "ol" else "- " for i in range(len(items))]
    written = [_item(item, marker, depth) for item, marker in zip(items, markers, strict=True)]
    # Empty items in each other look like a rule: "- - -".
    if any(re.match(r"(?:- ?){3,}(?:\n|$)", text) for text in written):
        return _raw(node)
    return ("\n\n" if any("\n\n" in text for text in written) else "\n").join(written)


def _item(item: LexborNode, marker: str, depth: int) -> str:
    text = _flow(item.iter(include_text=True), depth + 1)
    if item.attributes.get("class") == "task-list-item":
        text = _BOXES.get(text[:2], text[:2]) + text[2:]
    indent = "\n" + " " * len(marker)
    return (marker + re.sub(r"\n(?!\n)", indent, text)).rstrip(" ")


def _table(node: LexborNode, _depth: int) -> str:
    rows = [list(row.iter()) for row in node.css("tr")]
    if not _is_plain_table(node, rows):
        return _raw(node)
    rule = [_ALIGNED[cell.attributes.get("class") or ""] for cell in rows[0]]
    cells = [[inline_markdown(cell.iter(include_text=True)) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]])


def _is_plain_table(node: LexborNode, rows: list[list[LexborNode]]) -> bool:
    """One row of headers, then rows of as many cells, of text only."""
    cells = [cell for row in rows for cell in row]
    headers = [cell for cell in cells if cell.tag == "th"]
    return (
        bool(headers)
        and headers == rows[0]
        and {len(row) for row in rows} == {len(headers)}
        and node.css_first("caption, tfoot") is None
        and all(set(cell.attributes) <= {"class"} for cell in cells)
        and all((cell.attributes.get("class") or "") in _ALIGNED for cell in cells)
        and not any(_is_block(child) for cell in cells for child in cell.iter())
    )


_WRITERS = {
    **dict.fromkeys(HEADINGS, _heading),
    "p": lambda node, _depth: _paragraph(node.iter(include_text=True)),
    "blockquote": _quote,
    "pre": _code,
    "ul": _list,
    "ol": _list,
    "table": _table,
    "hr": lambda _node, _depth: "***",
}
