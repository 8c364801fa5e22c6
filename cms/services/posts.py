"""What editors do with posts, up to publishing."""

from typing import Any

from sqlalchemy import insert

from cms import writing
from cms.actor import Actor
from cms.errors import Invalid
from cms.models import Post, Thread
from cms.permissions import Action, require
from cms.services import clock, entries, threads, where_used

NEW_THREAD = insert(Thread.__table__)


def create(actor: Actor, values: dict[str, Any]) -> Post:
    """Start a draft. Raises Forbidden, Conflict (`slug_taken`), Invalid (an unknown id)."""
    require(actor, Action.ENTRY_CREATE)
    post = Post()
    entries.start(actor, post, values, clock.now())
    writing.run(NEW_THREAD, {"post_id": post.id, "is_open": post.comments_open})
    return post


def read(actor: Actor, post_id: str) -> Post:
    """A working copy, and the posts that pick or exclude it. Raises NotFound."""
    post = entries.read(actor, Post, post_id)
    post.picked_by = where_used.posts_picking(post)
    post.excluded_by = where_used.posts_excluding(post)
    return post


def edit(actor: Actor, post_id: str, version: int | None, changes: dict[str, Any]) -> Post:
    """Change the working copy. Raises StaleVersion when somebody saved since."""
    post, real = entries.edit(actor, Post, post_id, version, changes)
    if "comments_open" in real:
        _open_comments(post)
    return post


def set_related(
    actor: Actor,
    post_id: str,
    version: int | None,
    related: list[dict[str, Any]],
    excluded: list[str],
) -> Post:
    """Replace a post's picked neighbours, in order, and those that it must not be shown with."""
    picked = {pick["post_id"] for pick in related}
    both = next((n for n, one in enumerate(excluded) if one in picked), None)
    if both is not None:
        raise Invalid(f"/excluded/{both}", "This post is also picked.", reason="doubled_id")
    return edit(actor, post_id, version, {"related": related, "excluded": excluded})


def _open_comments(post: Post) -> None:
    # Closing a thread can not wait for the next publication.
    threads.lock(post.id).is_open = post.comments_open
    threads.touch(post.id)
