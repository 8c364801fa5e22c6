"""Feeds in three notations of one record: JSON Feed 1.1, Atom, and RSS 2.0 with whole texts.

Pure: records in, bytes out. Titles and summaries are plain text, `html` is finished HTML, times are
RFC 3339, addresses are whole. The order of the items is the caller's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree.ElementTree import Element

import orjson

from cms.content.addresses import absolute, as_uri
from cms.content.xml import add, root, written

# What an empty feed says of its last change: the same whenever it is asked for.
NEVER = "1970-01-01T00:00:00.000Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    name: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """`id` never changes, whatever becomes of `url`. Addresses in `html` may be relative to that.

    `answers` is the id of the item that this one replies to.
    """

    id: str
    url: str
    title: str
    html: str
    published: str
    updated: str
    summary: str = ""
    authors: tuple[Person, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None
    answers: str | None = None

    @property
    def content(self) -> str:
        return absolute(self.html, self.url)


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """`home` is the page that it is a feed of, `url` its own address, `more` where it goes on."""

    title: str
    home: str
    url: str
    items: tuple[Item, ...] = ()
    description: str = ""
    language: str | None = None
    icon: str | None = None
    more: str | None = None

    @property
    def updated(self) -> str:
        return max((item.updated for item in self.items), default=NEVER)


def json_feed(feed: Feed) -> bytes:
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.url,
            **_present(
                description=feed.description,
                next_url=feed.more,
                icon=feed.icon,
                language=feed.language,
            ),
            "items": [_json_item(item) for item in feed.items],
        }
    )


def atom(feed: Feed) -> bytes:
    document = root("feed", "atom", {"xml:lang": feed.language})
    add(document, "id", feed.url)
    add(document, "title", feed.title)
    if feed.description:
        add(document, "subtitle", feed.description)
    add(document, "updated", feed.updated)
    _atom_person(document, Person(name=feed.title, url=feed.home))
    add(document, "link", attributes={"rel": "alternate", "href": feed.home})
    _atom_links(document, "link", feed)
    if feed.icon:
        add(document, "icon", feed.icon)
    for item in feed.items:
        _atom_entry(document, item)
    return written(document)


def rss(feed: Feed) -> bytes:
    document = root("rss", attributes={"version": "2.0"})
    channel = add(document, "channel")
    add(channel, "title", feed.title)
    add(channel, "link", as_uri(feed.home))
    # It must be there.
    add(channel, "description", feed.description or feed.title)
    if feed.language:
        add(channel, "language", feed.language)
    if feed.items:
        add(channel, "lastBuildDate", _rfc_822(feed.updated))
    _atom_links(channel, "atom:link", feed)
    for item in feed.items:
        _rss_item(channel, item)
    return written(document)


# By the end of a feed's address: what writes it, and its media type.
WRITERS: dict[str, tuple[Callable[[Feed], bytes], str]] = {
    "json": (json_feed, "application/feed+json"),
    "atom": (atom, "application/atom+xml"),
    "rss": (rss, "application/rss+xml"),
}


def _json_item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.content,
        "date_published": item.published,
        "date_modified": item.updated,
        **_present(
            summary=item.summary,
            image=item.image,
            language=item.language,
            authors=[_present(name=one.name, url=one.url) for one in item.authors],
            tags=list(item.tags),
            # What is no word of JSON Feed is an object, and its name begins with an underscore.
            _thread=_present(in_reply_to=item.answers),
        ),
    }


def _atom_entry(feed: Element, item: Item) -> None:
    entry = add(feed, "entry", attributes={"xml:lang": item.language})
    add(entry, "id", item.id)
    add(entry, "title", item.title)
    add(entry, "link", attributes={"rel": "alternate", "type": "text/html", "href": item.url})
    add(entry, "published", item.published)
    add(entry, "updated", item.updated)
    for person in item.authors:
        _atom_person(entry, person)
    for tag in item.tags:
        add(entry, "category", attributes={"term": tag})
    if item.summary:
        add(entry, "summary", item.summary)
    add(entry, "content", item.content, {"type": "html"})
    _extensions(entry, item)


def _atom_person(parent: Element, person: Person) -> None:
    author = add(parent, "author")
    add(author, "name", person.name)
    if person.url:
        add(author, "uri", person.url)


def _atom_links(parent: Element, name: str, feed: Feed) -> None:
    for relation, address in (("self", feed.url), ("next", feed.more)):
        if address:
            add(parent, name, attributes={"rel": relation, "href": address})


def _rss_item(channel: Element, item: Item) -> None:
    entry = add(channel, "item")
    add(entry, "title", item.title)
    add(entry, "link", as_uri(item.url))
    add(entry, "guid", item.id, {"isPermaLink": "false"})
    add(entry, "pubDate", _rfc_822(item.published))
    for person in item.authors:
        # RSS has authors by email alone.
        add(entry, "dc:creator", person.name)
    for tag in item.tags:
        add(entry, "category", tag)
    # A description is HTML, and a summary is not.
    add(entry, "description", escape(item.summary, quote=False))
    add(entry, "content:encoded", item.content)
    _extensions(entry, item)


def _extensions(entry: Element, item: Item) -> None:
    if item.image:
        picture = {"url": as_uri(item.image), "medium": "image"}
        add(entry, "media:content", attributes=picture)
    if item.answers:
        add(entry, "thr:in-reply-to", attributes={"ref": item.answers})


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _rfc_822(time: str) -> str:
    return format_datetime(datetime.fromisoformat(time), usegmt=True)
