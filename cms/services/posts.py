"""What editors do with posts, up to publishing."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from cms.actor import Actor
from cms.errors import Invalid
from cms.extensions import db
from cms.models import (
    Category,
    EntryTag,
    Faq,
    Post,
    PostAuthor,
    PostFaq,
    RelatedExclusion,
    RelatedPick,
    Thread,
)
from cms.permissions import Action, require
from cms.services import clock, entries, generation, references


def get(actor: Actor, post_id: str) -> Post:
    require(actor, Action.CONTENT_READ)
    return entries.get(Post, post_id)


def create(actor: Actor, values: dict[str, Any]) -> Post:
    """Start a draft. Raises Forbidden, Conflict (`slug_taken`), Invalid (an unknown id)."""
    require(actor, Action.ENTRY_CREATE)
    post = Post()
    entries.start(actor, post, values, clock.now())
    db.session.add(Thread(post_id=post.id, is_open=post.comments_open))
    return post


def edit(actor: Actor, post_id: str, version: int | None, changes: dict[str, Any]) -> Post:
    """Change the working copy. Raises StaleVersion when somebody saved since."""
    post = _lock(actor, post_id, version)
    entries.save(actor, post, changes, clock.now())
    if "comments_open" in changes:
        _open_comments(post)
    return post


def set_faqs(actor: Actor, post_id: str, version: int | None, faq_ids: list[str]) -> Post:
    """Replace the FAQs of a post, in the given order."""
    post = _lock(actor, post_id, version)
    references.check(Faq, faq_ids, "/faq_ids")
    post.faq_links = [PostFaq(faq_id=one, position=n) for n, one in enumerate(faq_ids)]
    entries.save(actor, post, {"faq_ids": faq_ids}, clock.now())
    return post


def set_related(
    actor: Actor,
    post_id: str,
    version: int | None,
    related: list[dict[str, Any]],
    excluded: list[str],
) -> Post:
    """Replace a post's picked neighbours, in order, and those that it must not be shown with."""
    post = _lock(actor, post_id, version)
    _check_neighbours(post, [pick["post_id"] for pick in related], excluded)
    post.picks = [
        RelatedPick(related_id=pick["post_id"], note=pick.get("note"), position=n)
        for n, pick in enumerate(related)
    ]
    post.exclusions = [RelatedExclusion(excluded_id=one) for one in excluded]
    entries.save(actor, post, {"related": related, "excluded": excluded}, clock.now())
    return post


def _lock(actor: Actor, post_id: str, version: int | None) -> Post:
    post = entries.lock(Post, post_id)
    require(actor, Action.ENTRY_EDIT, post)
    post.expect(version)
    return post


def _check_neighbours(post: Post, picked: list[str], excluded: list[str]) -> None:
    references.check(Post, picked, "/related")
    references.check(Post, excluded, "/excluded")
    for pointer, ids in (("/related", picked), ("/excluded", excluded)):
        if post.id in ids:
            place = f"{pointer}/{ids.index(post.id)}"
            raise Invalid(place, "A post can not name itself.", reason="self_link")
    both = next((n for n, one in enumerate(excluded) if one in picked), None)
    if both is not None:
        raise Invalid(f"/excluded/{both}", "This post is also picked.", reason="doubled_id")


def _open_comments(post: Post) -> None:
    # Closing a thread can not wait for the next publication.
    thread = db.session.get(Thread, post.id, with_for_update=True)
    thread.is_open = post.comments_open
    generation.touch(f"comments:{post.id}")
