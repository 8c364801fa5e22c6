"""Addresses in a body, for who reads it away from the page that it belongs to."""

import re
from urllib.parse import quote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

# What a URL may hold unescaped, and the sign of an escape.
URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%~-._"
# What is a URI as it stands: nearly all there are, and a tenth of the time.
PLAIN = re.compile(r"https?://[a-z0-9.:-]+(?:/[A-Za-z0-9._~-]+)*")
# A body that names nothing in its own site is not parsed. Text that looks alike costs a parse.
RELATIVE = re.compile(r'(?:href|src|srcset)="(?!(?:https?|mailto):)', re.IGNORECASE)


def absolute(html: str, base: str) -> str:
    """Finished HTML whose every address is whole, as if it were read at `base`."""
    if not RELATIVE.search(html):
        return html
    body = LexborHTMLParser(html).body
    for attribute in ("href", "src"):
        for node in body.css(f"[{attribute}]"):
            node.attrs[attribute] = _joined(base, node.attributes[attribute] or "")
    return "".join(node.html or "" for node in _children(body))


def as_uri(address: str) -> str:
    """The same address in ASCII alone, as RSS and sitemaps want it."""
    if PLAIN.fullmatch(address):
        return address
    parts = urlsplit(address)
    host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    return quote(parts._replace(netloc=host).geturl(), safe=URL_CHARACTERS)


def _children(body: LexborNode) -> list[LexborNode]:
    return list(body.iter(include_text=True))


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        # `//[` is no address anywhere.
        return address
