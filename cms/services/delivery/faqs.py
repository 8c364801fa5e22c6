"""FAQs as the public sees them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from orjson import Fragment
from sqlalchemy import Select, select

from cms.models import Kind, LinkKind, Publication, PublicationLink
from cms.reading import Row
from cms.services import cursors, published
from cms.services.cursors import Page
from cms.services.delivery import lists, statements
from cms.services.delivery.moment import Moment
from cms.services.delivery.posts import gone_or_moved
from cms.services.delivery.questions import Question

Faq = dict[str, Any]

# More posts than this that show one FAQ are not named.
MOST_POSTS = 100


def get(moment: Moment, slug: str) -> Faq:
    """One public FAQ and the posts that show it. Raises Moved, NotFound."""
    row = moment.row(statements.by_slug(Kind.FAQ), slug=slug)
    if row is None:
        raise gone_or_moved(moment, Kind.FAQ, slug)
    faq = _faq(row)
    return faq | {"posts": _posts_showing(moment, faq["id"])}


def find(moment: Moment, question: Question) -> Page:
    """A page of FAQs. Raises Malformed for a bad cursor."""
    rows, cursor = lists.rows(moment, question, "faq")
    return Page([_faq(row) for row in rows], cursor)


def of_post(moment: Moment, slug: str, *, limit: int, cursor: str | None, total: bool) -> Page:
    """The public FAQs of a public post, in the editor's order. Raises Moved, NotFound."""
    post_id, rows = _rows_of_post(moment, slug)
    # By its id: a post whose slug changes meanwhile goes on where it was.
    scope = cursors.scope("post-faqs", {"post": post_id, "locale": moment.locale})
    start = cursors.decode(scope, cursor)[0] if cursor else 0
    rest = [row for row in rows if row[0] >= start]
    following = cursors.encode(scope, [rest[limit][0]]) if len(rest) > limit else None
    shown = [_faq(row[1:]) for row in rest[:limit]]
    return Page(shown, following, len(rows) if total else None)


def ids_of_posts(moment: Moment, slugs: Sequence[str]) -> list[str]:
    """The FAQs that any of these public posts shows; a slug that nothing has shows none."""
    wanted = list(dict.fromkeys(slugs))
    statement = _ids_shown_by(published.round_size(len(wanted)))
    return [row[0] for row in moment.rows(statement, **published.padded("post", wanted))]


@cache
def _ids_shown_by(size: int) -> Select[Any]:
    """The ids of the FAQs that any public post of `:post_0`, … names."""
    return (
        select(PublicationLink.target_id)
        .distinct()
        .join(Publication, Publication.id == PublicationLink.publication_id)
        .where(PublicationLink.kind == LinkKind.FAQ, Publication.kind == Kind.POST)
        .where(
            Publication.locale == published.LOCALE,
            published.among(Publication.slug, "post", size),
            published.is_public(),
        )
        .order_by(PublicationLink.target_id)
    )


def _rows_of_post(moment: Moment, slug: str) -> tuple[str, list[Row]]:
    """The post's id and its FAQs."""
    row = moment.row(statements.post_and_thread(), slug=slug)
    if row is None:
        raise gone_or_moved(moment, Kind.POST, slug)
    moment.held.add(f"post:{row[0]}")
    return row[0], moment.rows(statements.faqs_of(), publication=row[1])


def _faq(row: Row) -> Faq:
    frozen, tags, answer, others = row
    faq = orjson.loads(frozen)
    faq["answer"], faq["tags"] = Fragment(answer), Fragment(tags)
    faq["translations"] = Fragment(others)
    return faq


def _posts_showing(moment: Moment, faq_id: str) -> list[dict[str, Any]]:
    question = Question(
        kind=Kind.POST,
        sort="-published_at",
        limit=MOST_POSTS,
        groups=[[f"faq:{faq_id}"]],
    )
    rows, _ = lists.rows(moment, question, "summary")
    posts = [orjson.loads(row[0]) for row in rows]
    return [
        {"slug": post["slug"], "title": post["title"], "url": moment.url(post)} for post in posts
    ]
