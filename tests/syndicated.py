"""Feeds and sitemaps, read by software that is not of this project."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
from lxml import etree

SCHEMAS = Path(__file__).parent / "content" / "schemas"
MAP = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def parsed(feed: bytes, notation: str) -> list[dict[str, Any]]:
    """The items of a feed as a reader has them: `id`, `url`, `title`, `html`, `tags`, `authors`.

    Nothing is cleaned for the reader: what is there, shows.
    """
    return from_json(feed) if notation == "json" else from_xml(feed)


def from_xml(feed: bytes) -> list[dict[str, Any]]:
    etree.fromstring(feed)
    found = feedparser.parse(feed, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.get("bozo_exception")
    return [
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            "html": entry.content[0].value,
            "tags": [tag.term for tag in entry.get("tags", [])],
            "authors": [author.name for author in entry.get("authors", []) if author],
            "published": entry.published_parsed[:6],
        }
        for entry in found.entries
    ]


def from_json(feed: bytes) -> list[dict[str, Any]]:
    document = json.loads(feed)
    jsonschema.validate(document, json.loads((SCHEMAS / "json_feed.json").read_text()))
    return [
        {
            "id": item["id"],
            "url": item["url"],
            "title": item["title"],
            "html": item["content_html"],
            "tags": item.get("tags", []),
            "authors": [author["name"] for author in item.get("authors", [])],
            "published": datetime.fromisoformat(item["date_published"]).timetuple()[:6],
        }
        for item in document["items"]
    ]


@cache
def sitemap_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / "sitemap.xsd"))


def mapped(sitemap: bytes) -> dict[str, dict[str, str]]:
    """Every address of a sitemap, or of an index, with its other languages."""
    document = etree.fromstring(sitemap)
    sitemap_schema().assertValid(document)
    return {
        one.findtext("map:loc", namespaces=MAP): {
            link.get("hreflang"): link.get("href") for link in one.findall("x:link", MAP)
        }
        for one in document
    }
