"""One source, one tree, every notation of a body."""

from collections.abc import Callable
from dataclasses import dataclass

from cms.content.balance import balance
from cms.content.blocks import blocks_of
from cms.content.citations import cite_html
from cms.content.derived import to_markdown
from cms.content.markdown import to_html
from cms.content.media import FindMedia, References, TooManyReferences, nothing_known
from cms.content.sanitise import sanitise
from cms.content.text import count_words, text_of
from cms.content.tree import Tree, parse

PIPELINE_VERSION = 4
MAX_SOURCE_BYTES = 1_000_000


class BodyTooLarge(ValueError):
    """The source is longer than MAX_SOURCE_BYTES, encoded as UTF-8, or names too many files."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body in every notation.

    `html` is what `"".join(block["html"] for block in blocks)` gives, always.
    `blocks` are dicts with `id` (unique in the body), `type`, `html` and fields of the type.
    `markdown` is written from the finished tree too: comments and scripts of the source are not in
    it. `toc` is a list of `{"id", "level", "title"}`. `text` parts blocks by a blank line.
    `media` is what it names of the media library, known or not.
    """

    html: str
    blocks: list[dict]
    toc: list[dict]
    text: str
    word_count: int
    media: References

    @property
    def markdown(self) -> str:
        """Written when it is asked for: a save keeps none."""
        return to_markdown(self.html)


# From a source to balanced HTML, not yet sanitised.
HTML_FROM: dict[str, Callable[[str], str]] = {
    "markdown": lambda source: balance(to_html(source)),
    "html": lambda source: cite_html(balance(source)),
}


def render(body_format: str, source: str, find_media: FindMedia = nothing_known) -> Rendered:
    """Render a body. `body_format` is `"markdown"` or `"html"` (else ValueError).

    `find_media` is asked once for the ids behind `media:ID`. Raises BodyTooLarge. Never fails for
    any other reason in the source, and takes time in proportion to its length.
    """
    if body_format not in HTML_FROM:
        raise ValueError(f"unknown body format: {body_format!r}")
    html = sanitise(HTML_FROM[body_format](_storable(source)))
    try:
        tree = parse(html, find_media)
    except TooManyReferences as error:
        raise BodyTooLarge(str(error)) from None
    return _rendered(tree)


def _storable(source: str) -> str:
    encoded = source.encode("utf-8", "replace")
    if len(encoded) > MAX_SOURCE_BYTES:
        raise BodyTooLarge(f"{len(encoded)} bytes; at most {MAX_SOURCE_BYTES} are taken")
    text = encoded.decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _rendered(tree: Tree) -> Rendered:
    blocks = blocks_of(tree)
    text = text_of(tree.body)
    return Rendered(
        html="".join(block["html"] for block in blocks),
        blocks=blocks,
        toc=tree.toc,
        text=text,
        word_count=count_words(text),
        media=tree.media,
    )
