"""The top-level blocks of a body as typed nodes."""

from itertools import count

from selectolax.lexbor import LexborNode

from cms.content.allowed import HEADINGS
from cms.content.tree import Tree, code_text, title_of


def blocks_of(tree: Tree) -> list[dict]:
    """One dict a block, in order; their `html`, joined, is the body's.

    A heading's `id` is its anchor; the other blocks are `b1`, `b2`, … in order.
    """
    return [
        {"id": block_id, **TYPES.get(node.tag, _html)(node), "html": node.html}
        for block_id, node in zip(_ids(tree), tree.nodes, strict=True)
    ]


def _ids(tree: Tree) -> list[str]:
    numbers = (f"b{number}" for number in count(1))
    free = (block_id for block_id in numbers if block_id not in tree.anchors)  # "B12" may be one.
    return [node.attributes["id"] if node.tag in HEADINGS else next(free) for node in tree.nodes]


def _heading(node: LexborNode) -> dict:
    return {"type": "heading", "level": int(node.tag[1]), "text": title_of(node)}


def _paragraph(node: LexborNode) -> dict:
    children = list(node.iter(include_text=True, skip_empty=True))
    if len(children) == 1 and children[0].tag == "img":
        return _image(children[0])
    return {"type": "paragraph"}


def _figure(node: LexborNode) -> dict:
    images = node.css("img")
    return _image(images[0]) if len(images) == 1 and not node.css("table, pre") else _html(node)


def _image(node: LexborNode) -> dict:
    attributes = node.attributes
    return {
        "type": "image",
        "src": attributes.get("src") or "",
        "alt": attributes.get("alt") or "",
    }


def _list(node: LexborNode) -> dict:
    return {"type": "list", "ordered": node.tag == "ol"}


def _quote(_node: LexborNode) -> dict:
    return {"type": "quote"}


def _code(node: LexborNode) -> dict:
    code = node.css_first("code[class^=language-]")
    language = code.attributes["class"].split()[0].removeprefix("language-") if code else None
    return {"type": "code", "language": language, "text": code_text(node)}


def _table(_node: LexborNode) -> dict:
    return {"type": "table"}


def _divider(_node: LexborNode) -> dict:
    return {"type": "divider"}


def _html(_node: LexborNode) -> dict:
    return {"type": "html"}


TYPES = {
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6"], _heading),
    "p": _paragraph,
    "figure": _figure,
    "ul": _list,
    "ol": _list,
    "blockquote": _quote,
    "pre": _code,
    "table": _table,
    "hr": _divider,
}
