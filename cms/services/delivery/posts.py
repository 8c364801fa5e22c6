"""Posts as the public sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from cms import content
from cms.errors import Moved, NotFound
from cms.models import Kind
from cms.reading import Row
from cms.services import published
from cms.services.cursors import Page
from cms.services.delivery import lists
from cms.services.delivery.lists import Question
from cms.services.delivery.moment import Moment
from cms.services.delivery.names import Names
from cms.services.delivery.selecting import select_fields

Post = dict[str, Any]

# In the order of the API's description. A list shows neither what only a page needs.
SUMMARY_FIELDS = ["id", "slug", "locale", "url", "title", "excerpt", "word_count"]
SUMMARY_FIELDS += ["reading_minutes", "hero", "category", "tags", "authors", "review"]
SUMMARY_FIELDS += ["published_at", "updated_at", "comments", "translations"]
NOTATIONS = ["html", "markdown", "text", "blocks"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a reader wants to see of a post. No `body` in a list means: no body."""

    body: Sequence[str] = ()
    fields: Sequence[str] = ()
    include: Sequence[str] = ()


def get(moment: Moment, slug: str, wish: Wish) -> Post:
    """One public post. Raises Moved for a slug that it once had, NotFound."""
    row = moment.row(published.by_slug(Kind.POST), slug=slug)
    if row is None:
        raise gone_or_moved(moment, Kind.POST, slug)
    brief, document, markdown, older, newer = row[:4], row[4], row[5], row[6], row[7]
    links = orjson.loads(brief[1])
    names = Names(moment, [links], faqs=True)
    post = _summary(moment, brief, links, names)
    post |= {"body": body_of(document, markdown, wish.body or ["html"])}
    post |= {"sources": [], "seo": orjson.loads(document)["seo"], "faqs": names.faqs(links)}
    post |= {"previous": _neighbour(older), "next": _neighbour(newer)}
    return finish(moment, post, links, wish)


def find(moment: Moment, question: Question, wish: Wish) -> Page:
    """A page of posts. Raises Malformed for a bad cursor."""
    rows, cursor = lists.rows(moment, replace(question, full=bool(wish.body)))
    return Page(summaries(moment, [row[2:] for row in rows], wish), cursor)


def summaries(moment: Moment, rows: Sequence[Row], wish: Wish) -> list[Post]:
    """Posts as in a list, in the order of the rows."""
    all_links = [orjson.loads(row[1]) for row in rows]
    names = Names(moment, all_links, faqs=False)
    found = []
    for row, links in zip(rows, all_links, strict=True):
        post = _summary(moment, row, links, names)
        if wish.body:
            post["body"] = body_of(row[4], row[5], wish.body)
        found.append(finish(moment, post, links, wish))
    return found


def gone_or_moved(moment: Moment, kind: Kind, slug: str) -> Moved | NotFound:
    """Where a slug leads that nothing is public under."""
    row = moment.row(published.present_slug(kind), slug=slug)
    return Moved(slug, row[0]) if row else NotFound(f"There is no such {kind}.", reason="not_found")


def body_of(document: str, markdown: str, notations: Sequence[str]) -> dict[str, Any]:
    """A body in the notations that were asked for, and its table of contents."""
    body = orjson.loads(document)["body"]
    make: dict[str, Callable[[], Any]] = {
        "html": lambda: body["html"],
        "markdown": lambda: markdown,
        "text": lambda: content.to_text(body["html"]),
        "blocks": lambda: content.to_blocks(body["html"]),
    }
    return {name: make[name]() for name in notations} | {"toc": body["toc"]}


# What `include` adds to a post, by name. Filled where each thing is read.
INCLUDES: dict[str, Callable[[Moment, Post, dict[str, Any]], Any]] = {}


def finish(moment: Moment, post: Post, links: dict[str, Any], wish: Wish) -> Post:
    """Add what `include` asks for, then keep what `fields` asks for."""
    for name in wish.include:
        post[name] = INCLUDES[name](moment, post, links)
    return select_fields(post, [*wish.fields, *wish.include]) if wish.fields else post


def _summary(moment: Moment, row: Row, links: dict[str, Any], names: Names) -> Post:
    summary, _, approved, is_open, *_ = row
    post = orjson.loads(summary)
    post |= {"url": moment.url(post), "hero": None, "review": None, "translations": []}
    post |= {"category": names.category(links), "tags": names.tags(links)}
    post |= {"authors": names.authors(links)}
    post["comments"] = {"open": bool(is_open), "count": approved or 0}
    return {name: post[name] for name in SUMMARY_FIELDS}


def _neighbour(summary: str | None) -> dict[str, str] | None:
    if summary is None:
        return None
    post = orjson.loads(summary)
    return {"slug": post["slug"], "title": post["title"]}
