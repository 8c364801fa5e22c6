"""Reviews of posts by professionals: recorded once, never changed, and due again some day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import joinedload

from cms.actor import Actor
from cms.errors import Invalid
from cms.extensions import db
from cms.models import Author, Entry, Post, Review, Status
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    entries,
    generation,
    keyset,
    outbox,
    references,
    revisions,
    versions,
)
from cms.services.batches import BATCH
from cms.services.cursors import Page, scope


def record(actor: Actor, post_id: str, version: int | None, values: dict[str, Any]) -> Post:
    """Keep that an author profile reviewed exactly the present text.

    Raises Forbidden, NotFound, StaleVersion, Conflict (`trashed`), Invalid (an unknown author, or
    one without credentials: `no_credentials`; dates that can not be).
    """
    post = entries.lock(Post, post_id)
    require(actor, Action.ENTRY_PUBLISH, post)
    versions.expect(post, version)
    entries.refuse_trashed(post)
    now = clock.now()
    _check_days(values["reviewed_on"], values["due_on"], now.date())
    reviewer = _reviewer(values["reviewed_by"])
    _add(actor, post, values | {"reviewed_by": reviewer.id, "reviewer": reviewer}, now)
    _announce(actor, post, values, now)
    return post


def find(actor: Actor, post_id: str, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of all reviews of a post, newest first. Raises NotFound, Malformed."""
    post = entries.read(actor, Post, post_id)
    mine = select(Review).where(Review.entry_id == post.id)
    return keyset.page(
        mine.options(joinedload(Review.entry).load_only(Entry.revision)),
        (Review.created_at, Review.id),
        belongs_to=scope("reviews", {"post": post.id}),
        descending=True,
        limit=limit,
        cursor=cursor,
        total=total,
    )


def due_before(day: date) -> ColumnElement[bool]:
    """Posts whose latest review was to be repeated before a day."""
    # Asked for by itself, so that the index is used whatever the list is sorted by.
    return Post.id.in_(select(Post.__table__.c.id).where(Post.__table__.c.review_due_on < day))


def overdue_count(today: date) -> int:
    """How many posts are due for another review: as many as `review_due_before` lists."""
    due = select(func.count(Post.id)).where(due_before(today), Post.trashed_at.is_(None))
    return db.session.scalar(due)


def overdue(entry: Entry, today: date) -> tuple[str, str] | None:
    """A warning, as `(pointer, detail)`, when a post should have been reviewed again by now."""
    due_on = getattr(entry, "review_due_on", None)
    if due_on is None or due_on >= today:
        return None
    return "/review/due_on", f"The next review was due on {due_on}."


def announce_due(now: datetime) -> int:
    """Announce posts that are due for another review, each due day once; answer how many."""
    posts = Post.__table__
    announced = posts.c.review_announced_on
    due = (
        select(posts.c.id, posts.c.review_due_on, Entry.slug, Entry.locale)
        .join(Entry.__table__, Entry.id == posts.c.id)
        .where(
            posts.c.review_due_on <= now.date(),
            or_(announced.is_(None), announced != posts.c.review_due_on),
            Entry.trashed_at.is_(None),
        )
        .limit(BATCH)
        .with_for_update(of=posts, skip_locked=True)
    )
    found = db.session.execute(due).all()
    for post_id, due_on, slug, locale in found:
        outbox.record(
            "review.due", now, id=post_id, slug=slug, locale=locale, due_on=due_on.isoformat()
        )
    said = update(posts).where(posts.c.id.in_([row.id for row in found]))
    db.session.execute(said.values(review_announced_on=posts.c.review_due_on))
    return len(found)


def _check_days(reviewed_on: date, due_on: date | None, today: date) -> None:
    if reviewed_on > today:
        raise Invalid("/reviewed_on", "A review can not be of a day to come.")
    if due_on is not None and due_on <= reviewed_on:
        raise Invalid("/due_on", "The next review can only be due after this one.")


def _reviewer(author_id: str) -> Author:
    references.check_one(Author, author_id, "/reviewed_by")
    author = db.session.get(Author, author_id)
    if not author.credentials:
        detail = f"{author.name} has no credentials to review by."
        raise Invalid("/reviewed_by", detail, reason="no_credentials")
    return author


def _add(actor: Actor, post: Post, values: dict[str, Any], now: datetime) -> None:
    made = {"revision": post.revision, "created_at": now, "created_by": actor.user_id}
    post.reviews.append(Review(**values, **made))
    revisions.keep(post, post.revision)
    post.review_due_on = values["due_on"]
    post.changed(now)
    db.session.flush()


def _announce(actor: Actor, post: Post, values: dict[str, Any], now: datetime) -> None:
    audit.record(actor, "post.reviewed", post.id, now, values)
    outbox.record("post.reviewed", now, id=post.id, revision=post.revision)
    # Of a text that nobody sees yet, readers see no review either.
    if post.status_at(now) is Status.PUBLISHED and not post.has_unpublished_changes_at(now):
        generation.touch(f"post:{post.id}", "list:post")
