"""Sitemaps, and the index of many, as sitemaps.org describes them: records in, bytes out.

Written as text: a sitemap is long and plain, and a tree of it takes ten times the time and memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cms.content.addresses import as_uri
from cms.content.xml import HEAD, NAMESPACES, escaped

# The protocol's limit for one file.
MOST_URLS = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """`languages` are `(locale, address)` of the same page in every language, its own included.
    Without `modified`, nothing is said of when it was changed."""

    url: str
    modified: str | None = None
    languages: tuple[tuple[str, str], ...] = ()


def sitemap(pages: Iterable[Page]) -> bytes:
    """One page at least, as the protocol has it, and at most MOST_URLS."""
    return _document("urlset", map(_url, pages))


def sitemap_index(parts: Iterable[str]) -> bytes:
    """Of the addresses of sitemaps."""
    return _document(
        "sitemapindex", (f"<sitemap><loc>{_address(one)}</loc></sitemap>" for one in parts)
    )


def _url(page: Page) -> str:
    links = "".join(map(_link, page.languages))
    modified = f"<lastmod>{escaped(page.modified)}</lastmod>" if page.modified else ""
    return f"<url><loc>{_address(page.url)}</loc>{modified}{links}</url>"


def _link(language: tuple[str, str]) -> str:
    locale, address = language
    named = f'hreflang="{escaped(locale)}" href="{_address(address)}"'
    return f'<xhtml:link rel="alternate" {named}/>'


def _address(address: str) -> str:
    return escaped(as_uri(address))


def _document(name: str, parts: Iterable[str]) -> bytes:
    spaces = f'xmlns="{NAMESPACES["sitemap"]}" xmlns:xhtml="{NAMESPACES["xhtml"]}"'
    return f"{HEAD}<{name} {spaces}>{''.join(parts)}</{name}>".encode()
