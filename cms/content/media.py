"""`media:ID` in a body: an image in several sizes, or a link to a file of the media library."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborNode

SCHEME = "media:"
# Each becomes up to ten times as long, so many of them would be a way around the body's limit.
MOST_REFERENCES = 500
# Nobody here knows the frontend's layout; a column of text is seldom wider.
SIZES = "(max-width: 800px) 100vw, 800px"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as bodies show it. `width` and `height` are None for what is no image.

    `candidates` are addresses and widths of the same image, for the browser to choose from.
    """

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    candidates: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class References:
    """The ids that a body names, each once, in order; `shown` are those of its images.

    `files` is what was known of them when the body was rendered.
    """

    ids: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()
    files: Mapping[str, MediaFile] = field(default_factory=dict)


# What is known of the files with these ids; the unknown are left out.
FindMedia = Callable[[Iterable[str]], Mapping[str, MediaFile]]


def nothing_known(_ids: Iterable[str]) -> Mapping[str, MediaFile]:
    return {}


class TooManyReferences(ValueError):
    """A body names files of the media library more than MOST_REFERENCES times."""


def resolve(body: LexborNode, find: FindMedia) -> References:
    """Put addresses where a sanitised tree says `media:ID`; what is unknown stays as it is.

    Raises TooManyReferences.
    """
    images = body.css(f'img[src^="{SCHEME}"]')
    links = body.css(f'a[href^="{SCHEME}"]')
    if len(images) + len(links) > MOST_REFERENCES:
        raise TooManyReferences(
            f"{len(images) + len(links)} files of the library; at most {MOST_REFERENCES} are taken"
        )
    shown = [_id(image, "src") for image in images]
    ids = tuple(dict.fromkeys([*shown, *(_id(link, "href") for link in links)]))
    known = find(ids) if ids else {}
    for image in images:
        _show(image, known.get(_id(image, "src")))
    for link in links:
        if file := known.get(_id(link, "href")):
            link.attrs["href"] = file.url
    return References(ids, frozenset(shown), known)


def _id(node: LexborNode, attribute: str) -> str:
    return (node.attributes[attribute] or "").removeprefix(SCHEME).lower()


def _show(image: LexborNode, file: MediaFile | None) -> None:
    if file is None or file.width is None:
        return
    words = (image.attributes.get("alt") or "").strip()
    attributes: dict[str, Any] = {"src": file.url, "alt": words or file.alt}
    if file.candidates:
        attributes["srcset"] = ", ".join(f"{url} {width}w" for url, width in file.candidates)
        attributes["sizes"] = SIZES
    attributes |= {"width": str(file.width), "height": str(file.height), "loading": "lazy"}
    for name, value in attributes.items():
        image.attrs[name] = value
