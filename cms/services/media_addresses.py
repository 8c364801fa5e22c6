"""Where the public gets a file of the media library, and an image as public answers show it."""

from collections.abc import Iterator
from typing import Any

import orjson
from flask import current_app
from sqlalchemy import ScalarSelect, Select

from cms.config import Config
from cms.content import MediaFile
from cms.models import Media
from cms.services.sql import only

# What `picture` needs of a row, as one JSON object that the database builds.
COLUMNS = ("folder", "filename", "alt", "caption", "width", "height", "focal_x", "focal_y")
COLUMNS += ("renditions",)
WEBP = "image/webp"


def url_of(config: Config, folder: str, name: str) -> str:
    return f"{config.api_url}/media/{folder}/{name}"


def media_url(media: Media) -> str:
    return url_of(current_app.config["CMS"], media.folder, media.filename)


def renditions_of(media: Media) -> list[dict[str, Any]]:
    return rendition_urls(current_app.config["CMS"], media.folder, media.renditions)


def rendition_urls(
    config: Config, folder: str, renditions: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The smaller copies as they are shown: `url`, `width`, `height`, `mime_type`."""
    names = ("width", "height", "mime_type")
    return [
        {"url": url_of(config, folder, one["name"]), **{name: one[name] for name in names}}
        for one in renditions
    ]


def named(rows: Select[Any]) -> ScalarSelect[Any]:
    """The image that `rows` name as a column of another query: JSON for `picture`, or NULL."""
    return only(rows, Media, *COLUMNS)


def picture(config: Config, found: dict[str, Any]) -> dict[str, Any]:
    """An image in the words of the API, from the object that `named` gives."""
    shown = {name: value for name, value in found.items() if name not in {"folder", "filename"}}
    folder = found["folder"]
    sizes = found["renditions"]
    # SQLite keeps JSON as text, and gives it back as such.
    sizes = orjson.loads(sizes) if isinstance(sizes, str) else sizes
    return {
        "url": url_of(config, folder, found["filename"]),
        **shown,
        "renditions": rendition_urls(config, folder, sizes),
    }


def in_bodies(media: Media) -> MediaFile:
    """A row as the body pipeline takes it."""
    config = current_app.config["CMS"]
    return MediaFile(
        url=url_of(config, media.folder, media.filename),
        alt=media.alt,
        width=media.width,
        height=media.height,
        candidates=tuple(_candidates(config, media)),
    )


def _candidates(config: Config, media: Media) -> Iterator[tuple[str, int]]:
    """WebP copies, and the image itself where it is larger than they are, and not huge."""
    widest = 0
    for one in media.renditions:
        if one["mime_type"] == WEBP:
            widest = max(widest, one["width"])
            yield url_of(config, media.folder, one["name"]), one["width"]
    if widest and widest < media.width < 2 * widest:
        yield url_of(config, media.folder, media.filename), media.width
