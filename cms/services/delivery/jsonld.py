"""What `include=jsonld` adds to a post: a graph of schema.org."""

from collections.abc import Sequence
from typing import Any

from cms.content.jsonld import graph
from cms.services.delivery import comments, posts, site, taxonomy
from cms.services.delivery.moment import Moment


def included(
    moment: Moment, found: Sequence[posts.Post], publications: Sequence[int]
) -> list[dict[str, Any]]:
    """For whole posts, of which there is one: a list shows neither FAQs nor sources."""
    about = site.get(moment)
    threads = comments.included(moment, found, publications)
    return [
        _graph(moment, posts.thawed(post), about, posts.thawed(thread)["items"])
        for post, thread in zip(found, threads, strict=True)
    ]


def _graph(
    moment: Moment, post: posts.Post, about: dict[str, Any], items: list[dict[str, Any]]
) -> dict[str, Any]:
    category = post["category"]
    path = taxonomy.path(moment, category["slug"]) if category else []
    return graph(post, about, path, items)
