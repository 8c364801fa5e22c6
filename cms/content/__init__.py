"""The body pipeline: what an editor wrote in, safe HTML and all that is derived from it out.

Source -> HTML -> balanced tags -> sanitiser -> one parsed tree -> html, blocks, toc, text.
Pure: no Flask, no database, nothing else of this project.
"""

from cms.content.citations import cited_sources
from cms.content.comment import (
    CommentText,
    comment_links,
    comment_source,
    comment_without_links,
    render_comment,
)
from cms.content.derived import (
    images_of,
    leads_somewhere,
    links_of,
    to_blocks,
    to_markdown,
    to_markdown_and_text,
    to_text,
)
from cms.content.differences import unified
from cms.content.media import FindMedia, MediaFile, References
from cms.content.pipeline import (
    MAX_SOURCE_BYTES,
    PIPELINE_VERSION,
    BodyTooLarge,
    Rendered,
    render,
)
from cms.content.text import reading_minutes

__all__ = [
    "MAX_SOURCE_BYTES",
    "PIPELINE_VERSION",
    "BodyTooLarge",
    "CommentText",
    "FindMedia",
    "MediaFile",
    "References",
    "Rendered",
    "cited_sources",
    "comment_links",
    "comment_source",
    "comment_without_links",
    "images_of",
    "leads_somewhere",
    "links_of",
    "reading_minutes",
    "render",
    "render_comment",
    "to_blocks",
    "to_markdown",
    "to_markdown_and_text",
    "to_text",
    "unified",
]
