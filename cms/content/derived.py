"""The other notations of a body, made again from its finished HTML when somebody asks for them.

Only the HTML is stored: the parse costs a fraction of a millisecond, the bytes would be kept for
every revision that was ever public.
"""

from typing import Any

from cms.content.blocks import blocks_of
from cms.content.text import text_of
from cms.content.to_markdown import markdown_of
from cms.content.tree import parse


def to_blocks(html: str) -> list[dict[str, Any]]:
    """The typed blocks of finished HTML; their `html`, joined, is the HTML again."""
    return blocks_of(parse(html))


def to_text(html: str) -> str:
    """The plain text of finished HTML, blocks parted by a blank line."""
    return text_of(parse(html).body)


def leads_somewhere(html: str) -> bool:
    """Whether finished HTML may have a link or an image: seen without parsing it."""
    return "<a " in html or "<img" in html


def links_of(html: str) -> list[str]:
    """Where the links of finished HTML lead, in order."""
    if "<a " not in html:
        return []
    return [link.attributes.get("href") or "" for link in parse(html).body.css("a[href]")]


def images_of(html: str) -> list[tuple[str, str]]:
    """`(src, alt)` of each image of finished HTML, in order."""
    if "<img" not in html:
        return []
    images = [image.attributes for image in parse(html).body.css("img")]
    return [(one.get("src") or "", one.get("alt") or "") for one in images]


def to_markdown(html: str) -> str:
    """Markdown written from finished HTML. The source of a body says more than readers may see."""
    return markdown_of(parse(html).nodes)


def to_markdown_and_text(html: str) -> tuple[str, str]:
    """Both, of one parse."""
    tree = parse(html)
    return markdown_of(tree.nodes), text_of(tree.body)
