"""Threads under posts as the public sees them: four statements at most, whatever their size.

Tops of a page are roots, or the direct replies of one comment (`parent`). Under each stand the
first replies of its thread, nested; what is not there is listed behind `links.replies`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from cms.models import Kind
from cms.reading import Row
from cms.services import comment_form, consents, cursors, published, signing
from cms.services.cursors import Page
from cms.services.delivery import posts, statements
from cms.services.delivery.moment import Moment
from cms.services.delivery.thread_statements import (
    FIRST_PAGE,
    below,
    first_roots,
    parent_of,
    replies_of,
    tops,
)

Shown = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PublicThread:
    """The comments of a post that the public may read."""

    post_id: str
    slug: str
    locale: str
    is_open: bool
    approved: int


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which part of a thread. `parent` lists the replies of that comment instead of roots."""

    sort: str = "created_at"
    parent: str | None = None
    limit: int = FIRST_PAGE
    cursor: str | None = None


def thread_of(moment: Moment, slug: str) -> PublicThread:
    """The thread of a public post. Raises Moved, NotFound."""
    row = moment.row(statements.post_and_thread(), slug=slug)
    if row is None:
        raise posts.gone_or_moved(moment, Kind.POST, slug)
    moment.held.add(f"post:{row[0]}")
    return PublicThread(
        post_id=row[0],
        slug=slug,
        locale=moment.locale,
        is_open=bool(row[2]),
        approved=row[3] or 0,
    )


def form(moment: Moment, thread: PublicThread) -> dict[str, Any]:
    """The form to leave a comment with, in the language of the post.

    It is open exactly when a comment sent at this moment would be taken.
    """
    return comment_form.form(
        thread.post_id,
        is_open=thread.is_open,
        now=moment.now,
        locale=thread.locale,
        consent=_consent(moment, thread.locale),
    )


def _consent(moment: Moment, locale: str) -> str | None:
    for one in dict.fromkeys((locale, moment.config.default_locale)):
        found = moment.row(consents.at_time(), locale=one, at=moment.now)
        if found is not None and found[1]:
            return found[1]
    return None


def find(moment: Moment, thread: PublicThread, wish: Wish) -> Page:
    """A page of a thread. Raises Malformed for a bad cursor.

    `total` is all that the thread shows, or the direct replies of `parent`.
    """
    scope = _scope(thread, wish.sort, wish.parent)
    values = {"post": thread.post_id, "parent": wish.parent or "", "limit": wish.limit + 1}
    if wish.cursor is not None:
        at, comment_id = cursors.decode(scope, wish.cursor)
        values |= {"after_at": at, "after_id": comment_id}
    descending = wish.sort.startswith("-")
    statement = tops(
        descending=descending, answers=wish.parent is not None, after=wish.cursor is not None
    )
    rows = moment.rows(statement, **values)
    page = rows[: wish.limit]
    column = "parent_id" if wish.parent else "root_id"
    return Page(
        _nested(moment, thread, page, _below(moment, column, page)),
        cursors.encode(scope, _place(_comment(page[-1]))) if len(rows) > wish.limit else None,
        _total(moment, thread, wish.parent),
    )


def one(moment: Moment, slug: str, comment_id: str) -> Shown | None:
    """A comment that has just come, as readers see it; None if it is not among the newest."""
    # What answers the last level stands beside it, not below.
    row = moment.row(parent_of(), comment=comment_id)
    wish = Wish(sort="-created_at", parent=row[0] if row else None)
    page = find(moment, thread_of(moment, slug), wish)
    return next((shown for shown in page.items if shown["id"] == comment_id), None)


def included(
    moment: Moment, found: Sequence[posts.Post], _publications: Sequence[int]
) -> list[dict[str, Any]]:
    """What `include=comments` makes of each post's `comments`: with where its thread begins."""
    threads = [_thread_in(post) for post in found]
    roots = _roots(moment, [thread.post_id for thread in threads if thread.approved])
    replies = _below(moment, "root_id", [row for rows in roots.values() for row in rows])
    items = [_nested(moment, one, roots.get(one.post_id, []), replies) for one in threads]
    return [post["comments"] | {"items": part} for post, part in zip(found, items, strict=True)]


def _thread_in(post: posts.Post) -> PublicThread:
    named = {"post_id": post["id"], "slug": post["slug"], "locale": post["locale"]}
    state = post["comments"]
    return PublicThread(is_open=state["open"], approved=state["count"], **named)


def _roots(moment: Moment, post_ids: list[str]) -> dict[str, list[Row]]:
    if not post_ids:
        return {}
    statement = first_roots(published.round_size(len(post_ids)))
    found = moment.rows(statement, **published.padded("post", post_ids))
    return {post_id: orjson.loads(rows) for post_id, rows in found}


def _total(moment: Moment, thread: PublicThread, parent: str | None) -> int:
    if parent is None:
        return thread.approved
    row = moment.row(replies_of(), post=thread.post_id, parent=parent)
    return row[0] if row else 0


def _below(moment: Moment, column: str, page: Sequence[Row]) -> dict[str, list[Row]]:
    answered = [row[0] for row in page if row[10]]
    if not answered:
        return {}
    statement = below(column, published.round_size(len(answered)))
    found = moment.rows(statement, **published.padded("top", answered))
    return {comment_id: orjson.loads(rows) for comment_id, rows in found}


def _nested(
    moment: Moment,
    thread: PublicThread,
    page: Sequence[Row],
    below_tops: Mapping[str, Sequence[Row]],
) -> list[Shown]:
    """The comments of a page, each with the replies that are at hand."""
    replies = [row for top in page for row in below_tops.get(top[0], ())]
    found = {row[0]: _comment(row) for row in (*page, *replies)}
    for row in replies:
        above = found.get(row[1])
        # Where a reply's own parent is not at hand, that one is behind a link, and so is this.
        if above is not None:
            above["replies"].append(found[row[0]])
    for comment in found.values():
        comment["links"] = {"replies": _rest(moment, thread, comment)}
    return [found[row[0]] for row in page]


def _comment(row: Row) -> Shown:
    comment_id, parent_id, name, url, is_staff, email, html, text, created_at, edited_at, *state = (
        row
    )
    replies, removed, withdrawn = state
    seed = signing.short_digest("avatar", email or comment_id)
    author = {"name": name, "url": url, "is_staff": bool(is_staff), "avatar_seed": seed}
    return {
        "id": comment_id,
        "parent_id": parent_id,
        "author": author,
        "body": {"html": html or "", "text": text or ""},
        "created_at": created_at,
        "edited_at": edited_at,
        "removed": bool(removed),
        "withdrawn": bool(withdrawn),
        "reply_count": replies,
        "replies": [],
    }


def _rest(moment: Moment, thread: PublicThread, comment: Shown) -> str | None:
    """Where the direct replies are that are not at hand; None if all are."""
    at_hand = comment["replies"]
    if len(at_hand) >= comment["reply_count"]:
        return None
    query = {"parent": comment["id"]}
    if at_hand:
        scope = _scope(thread, "created_at", comment["id"])
        query["cursor"] = cursors.encode(scope, _place(at_hand[-1]))
    if thread.locale != moment.config.default_locale:
        query["locale"] = thread.locale
    return f"{moment.config.api_url}/api/v1/posts/{thread.slug}/comments?{urlencode(query)}"


def _scope(thread: PublicThread, sort: str, parent: str | None) -> str:
    return cursors.scope("comments", {"post": thread.post_id, "sort": sort, "parent": parent})


def _place(comment: Shown) -> list[str | int]:
    return [comment["created_at"], comment["id"]]
