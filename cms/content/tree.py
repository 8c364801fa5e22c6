"""The one parsed tree of a body: ids given, empty paragraphs gone."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cms.content.allowed import FOOTNOTE_ID, SOURCE_ID
from cms.content.media import FindMedia, References, resolve

MAX_ANCHOR = 80
LAST_TOC_LEVEL = 4
EXTERNAL = re.compile(r"https?:|[/\\]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tree:
    """`nodes` are the top-level blocks. `toc` names the headings h1 to h4, `anchors` all ids.

    `media` is what the body names of the media library.
    """

    body: LexborNode
    nodes: list[LexborNode]
    toc: list[dict]
    anchors: set[str]
    media: References


def parse(html: str, find_media: FindMedia | None = None) -> Tree:
    """Parse sanitised HTML; without `find_media`, HTML that is finished already.

    Raises TooManyReferences.
    """
    body = LexborHTMLParser(html).body
    _drop_empty_paragraphs(body)
    media = resolve(body, find_media) if find_media else References()
    for link in body.css("a[href]"):
        if EXTERNAL.match(link.attrs["href"] or ""):
            link.attrs["rel"] = "noopener"
    anchors = _keep_first_of_each_id(body)
    toc = _name_headings(body, anchors)
    return Tree(body, list(body.iter(include_text=False)), toc, anchors, media)


def walk(nodes: Iterable[LexborNode], without: str = "") -> Iterator[tuple[LexborNode, bool]]:
    """Walk trees without recursion: (node, True) on entering, (node, False) on leaving.

    Elements of the class `without` are passed over.
    """
    pending = [(node, True) for node in nodes][::-1]
    while pending:
        current, entering = pending.pop()
        if without and entering and without in (current.attributes.get("class") or ""):
            continue
        yield current, entering
        if entering:
            children = current.iter(include_text=True) if current.is_element_node else ()
            pending.append((current, False))
            pending.extend([(child, True) for child in children][::-1])


def code_text(block: LexborNode) -> str:
    """The text of a `<pre>`, with its lines."""
    nodes = [node for node, entering in walk([block]) if entering]
    return "".join("\n" if n.tag == "br" else n.text_content or "" for n in nodes)


def title_of(heading: LexborNode) -> str:
    """The words of a heading, without the numbers of its footnotes."""
    words = [
        " " if node.tag == "br" else node.text_content or ""
        for node, entering in walk([heading], without="footnote-ref")
        if entering
    ]
    return " ".join("".join(words).split())


def anchor_of(title: str) -> str:
    """Letters, marks and digits of any script in lower case, joined by hyphens."""
    text = unicodedata.normalize("NFKC", title[: 4 * MAX_ANCHOR]).lower()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return "-".join(kept.split())[:MAX_ANCHOR].strip("-") or "section"


def _drop_empty_paragraphs(body: LexborNode) -> None:
    for paragraph in body.css("p"):
        if not paragraph.text().strip() and paragraph.css_first("img") is None:
            paragraph.decompose()


def _keep_first_of_each_id(body: LexborNode) -> set[str]:
    seen: set[str] = set()
    for node in body.css("a[id], li[id]"):
        if node.attrs["id"] in seen:
            del node.attrs["id"]
        else:
            seen.add(node.attrs["id"])
    return seen


def _name_headings(body: LexborNode, anchors: set[str]) -> list[dict]:
    """Give each heading its id. Adds them to `anchors`, and returns the table of contents."""
    toc, used = [], Counter()
    for heading in body.css("h1, h2, h3, h4, h5, h6"):
        title, level = title_of(heading), int(heading.tag[1])
        heading.attrs["id"] = anchor = _unused(anchor_of(title), anchors, used)
        anchors.add(anchor)
        if level <= LAST_TOC_LEVEL and title:
            toc.append({"id": anchor, "level": level, "title": title})
    return toc


def _unused(anchor: str, anchors: set[str], used: Counter) -> str:
    """The anchor, or the anchor with the first free number from 2. `used` keeps it linear."""
    found = anchor
    while found in anchors or FOOTNOTE_ID.fullmatch(found) or SOURCE_ID.fullmatch(found):
        used[anchor] += 1
        found = f"{anchor}-{used[anchor] + 1}"
    return found
