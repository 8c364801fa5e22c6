"""Sitemaps, and the index of many, as sitemaps.org describes them: records in, bytes out."""

from collections.abc import Iterable
from dataclasses import dataclass

from cms.content.addresses import as_uri
from cms.content.xml import add, root, written

# The protocol's limit for one file.
MOST_URLS = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """`languages` are `(locale, address)` of the same page in every language, its own included."""

    url: str
    modified: str
    languages: tuple[tuple[str, str], ...] = ()


def sitemap(pages: Iterable[Page]) -> bytes:
    """At most MOST_URLS pages."""
    document = root("urlset", "sitemap")
    for page in pages:
        entry = add(document, "url")
        add(entry, "loc", as_uri(page.url))
        add(entry, "lastmod", page.modified)
        for locale, address in page.languages:
            link = {"rel": "alternate", "hreflang": locale, "href": as_uri(address)}
            add(entry, "xhtml:link", attributes=link)
    return written(document)


def sitemap_index(parts: Iterable[str]) -> bytes:
    """Of the addresses of sitemaps."""
    document = root("sitemapindex", "sitemap")
    for address in parts:
        add(add(document, "sitemap"), "loc", as_uri(address))
    return written(document)
