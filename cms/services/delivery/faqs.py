"""FAQs as the public sees them."""

from collections.abc import Sequence
from typing import Any

import orjson

from cms.models import Kind
from cms.reading import Row
from cms.services import cursors, published
from cms.services.cursors import Page
from cms.services.delivery import lists
from cms.services.delivery.lists import Question
from cms.services.delivery.moment import Moment
from cms.services.delivery.names import Names
from cms.services.delivery.posts import gone_or_moved

Faq = dict[str, Any]

FIELDS = ["id", "slug", "locale", "question", "answer", "tags", "position"]
FIELDS += ["published_at", "updated_at"]
# More posts than this that show one FAQ are not named.
MOST_POSTS = 100


def get(moment: Moment, slug: str) -> Faq:
    """One public FAQ and the posts that show it. Raises Moved, NotFound."""
    row = moment.row(published.by_slug(Kind.FAQ), slug=slug)
    if row is None:
        raise gone_or_moved(moment, Kind.FAQ, slug)
    faq = _faqs(moment, [row[:3]])[0]
    return faq | {"posts": _posts_showing(moment, faq["id"])}


def find(moment: Moment, question: Question) -> Page:
    """A page of FAQs. Raises Malformed for a bad cursor."""
    rows, cursor = lists.rows(moment, question)
    # Columns of a whole row: entry, sort value, summary, links, two of comments, document, …
    return Page(_faqs(moment, [(row[2], row[3], row[6]) for row in rows]), cursor)


def of_post(moment: Moment, slug: str, *, limit: int, cursor: str | None, total: bool) -> Page:
    """The public FAQs of a public post, in the editor's order. Raises Moved, NotFound."""
    ids = ids_of_post(moment, slug)
    scope = cursors.scope("post-faqs", {"post": slug, "locale": moment.locale})
    start = cursors.decode(scope, cursor)[0] if cursor else 0
    shown = _by_ids(moment, ids)
    part = [faq for place, faq in shown if place >= start]
    following = next((place for place, _ in shown[len(shown) - len(part) + limit :]), None)
    return Page(
        part[:limit],
        cursors.encode(scope, [following]) if following is not None else None,
        len(shown) if total else None,
    )


def ids_of_post(moment: Moment, slug: str) -> list[str]:
    """The FAQs that a public post names, public or not. Raises Moved, NotFound."""
    row = moment.row(published.post_id(), slug=slug)
    if row is None:
        raise gone_or_moved(moment, Kind.POST, slug)
    return orjson.loads(row[1])["faqs"]


def ids_of_posts(moment: Moment, slugs: Sequence[str]) -> list[str]:
    """The FAQs that any of these public posts name; a slug that nothing has names none."""
    rows = [moment.row(published.post_id(), slug=slug) for slug in dict.fromkeys(slugs)]
    found = [one for row in rows if row is not None for one in orjson.loads(row[1])["faqs"]]
    return list(dict.fromkeys(found))


def _by_ids(moment: Moment, ids: Sequence[str]) -> list[tuple[int, Faq]]:
    """Those that are public, each with its place among the ids."""
    if not ids:
        return []
    rows = moment.rows(
        published.faqs(published.round_size(len(ids))), **published.padded("id", list(ids))
    )
    by_id = {faq["id"]: faq for faq in _faqs(moment, rows)}
    return [(place, by_id[one]) for place, one in enumerate(ids) if one in by_id]


def _faqs(moment: Moment, rows: Sequence[Row]) -> list[Faq]:
    all_links = [orjson.loads(links) for _, links, _ in rows]
    names = Names(moment, all_links, faqs=False)
    found = []
    for (summary, _, document), links in zip(rows, all_links, strict=True):
        faq = orjson.loads(summary) | orjson.loads(document)
        faq["tags"] = names.tags(links)
        found.append({name: faq[name] for name in FIELDS})
    return found


def _posts_showing(moment: Moment, faq_id: str) -> list[dict[str, Any]]:
    question = Question(
        kind=Kind.POST, sort="-published_at", limit=MOST_POSTS, groups=[[f"faq:{faq_id}"]]
    )
    rows, _ = lists.rows(moment, question)
    posts = [orjson.loads(row[2]) for row in rows]
    return [
        {"slug": post["slug"], "title": post["title"], "url": moment.url(post)} for post in posts
    ]
