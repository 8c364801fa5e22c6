"""XML by the standard library's writer, of any text: what XML can not carry is left out."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

# Neither escaped nor plain may XML 1.0 hold these.
UNCARRIED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
# What stands in no text as it is.
SPECIAL = re.compile(f'[&<>"]|{UNCARRIED.pattern}')
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "sitemap": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "thr": "http://purl.org/syndication/thread/1.0",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
for _prefix, _uri in NAMESPACES.items():
    ElementTree.register_namespace(_prefix, _uri)

Attributes = Mapping[str, str | None]


def root(name: str, of: str | None = None, attributes: Attributes | None = None) -> Element:
    """A new document. `of` is the namespace of what it holds without a prefix."""
    # The library could not leave out a prefix where attributes have no namespace.
    own = {"xmlns": NAMESPACES[of]} if of else {}
    return Element(name, own | _named(attributes or {}))


def add(
    parent: Element, name: str, text: str = "", attributes: Attributes | None = None
) -> Element:
    """A new last child; `media:content` is of a namespace. Attributes of None are left out."""
    child = ElementTree.SubElement(parent, _qualified(name), _named(attributes or {}))
    child.text = carried(text)
    return child


def carried(text: str) -> str:
    """The text without the characters that XML has no way to write."""
    return UNCARRIED.sub("", text)


def escaped(text: str) -> str:
    """The text as it stands in XML that is written as text, between tags or double quotes."""
    # Most have nothing to escape, and one look is the cheapest.
    return escape(carried(text), {'"': "&quot;"}) if SPECIAL.search(text) else text


def written(document: Element) -> bytes:
    """The whole document, in UTF-8."""
    return ElementTree.tostring(document, encoding="utf-8", xml_declaration=True)


def _named(given: Attributes) -> dict[str, str]:
    return {_qualified(name): carried(one) for name, one in given.items() if one is not None}


def _qualified(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local
