"""The sources that a post cites: checked, numbered for readers, and each cited one there."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cms import content
from cms.errors import Invalid
from cms.models import Entry, Kind, Post
from cms.services import clock

Source = dict[str, Any]
# What a source has, in the order in which readers get it.
FIELDS = ["title", "url", "doi", "pmid", "publisher", "year", "accessed_on"]


def set_sources(post: Post, name: str, given: list[Source]) -> None:
    """Replace a post's sources, in order. Raises Invalid for one from a year to come."""
    last = clock.now().year + 1
    for number, source in enumerate(given):
        if source["year"] is not None and source["year"] > last:
            raise Invalid(f"/{name}/{number}/year", f"The year can be {last} at the latest.")
    post.sources = given


def numbered(sources: Sequence[Source]) -> list[Source]:
    """The sources as readers get them: numbered from 1, each with an address if it has any."""
    return [
        {"number": number} | {name: source[name] for name in FIELDS} | {"url": address_of(source)}
        for number, source in enumerate(sources, start=1)
    ]


def address_of(source: Source) -> str | None:
    """Its own address, or the one that its DOI or its PMID leads to."""
    if source["url"]:
        return source["url"]
    if source["doi"]:
        return f"https://doi.org/{quote(source['doi'], safe='/:;()._-')}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{source['pmid']}/" if source["pmid"] else None


def missing_sources(entry: Entry) -> list[tuple[str, str]]:
    """A fault, as `(pointer, detail)`, for each source that the text cites and nothing lists."""
    known = len(getattr(entry, "sources", []))
    place = "/body/source" if entry.kind is Kind.POST else "/answer/source"
    return [
        (place, f"The text cites source {number}, and there are {known}.")
        for number in content.cited_sources(entry.body_html)
        if number > known
    ]
