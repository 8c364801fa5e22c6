"""Readers' comments from seed files: submitted as a reader does, decided as a moderator does."""

from collections.abc import Iterable

from sqlalchemy import select

from cms.actor import OPERATOR
from cms.errors import Forbidden, NotFound
from cms.extensions import db
from cms.importers.seed_records import SeedComment
from cms.models import Comment, CommentStatus, Publication
from cms.services import audit, clock, contact, incoming, moderating, outbox, submitting, threads
from cms.services.delivery import moment
from cms.services.delivery.comments import thread_of
from cms.services.published import not_past


def add(post_id: str, parent_id: str | None, seed: SeedComment) -> str | None:
    """The new comment's id; None where readers can not comment any more."""
    where = select(Publication.locale, Publication.slug).where(
        Publication.entry_id == post_id, not_past()
    )
    public = db.session.execute(where).first()
    if public is None:
        return None
    try:
        comment_id = _submit(*public, parent_id, seed)
    except (Forbidden, NotFound):
        return None
    decided = {"status": CommentStatus(seed.status)}
    comment = moderating.moderate(OPERATOR, comment_id, None, decided)
    comment.created_at = seed.created_at
    return comment_id


def remove_all(comment_ids: Iterable[str]) -> None:
    """Delete comments and what answers them."""
    # Answers first, so that each that goes is recorded, and not only what it answers.
    there = select(Comment.id).where(Comment.id.in_(list(comment_ids)))
    for comment_id in db.session.scalars(there.order_by(Comment.depth.desc())).all():
        _remove(comment_id)


def _remove(comment_id: str) -> None:
    # Hidden first: readers' caches follow.
    hidden = {"status": CommentStatus.TRASHED}
    comment = moderating.moderate(OPERATOR, comment_id, None, hidden)
    post_id, now = comment.post_id, clock.now()
    audit.record(OPERATOR, "comment.removed", comment_id, now)
    outbox.record("comment.removed", now, id=comment_id, post_id=post_id)
    threads.remove(threads.lock(post_id), comment)


def _submit(locale: str, slug: str, parent_id: str | None, seed: SeedComment) -> str:
    words = incoming.Words(
        author_name=contact.clean_name(seed.author_name),
        author_email=contact.clean_email(seed.author_email),
        author_url=contact.clean_url(seed.author_url) if seed.author_url else None,
        body=seed.body,
        parent_id=parent_id,
    )
    present = moment.present(locale)
    how = incoming.Circumstances()
    return submitting.keep(incoming.screened(present, thread_of(present, slug), words, how))["id"]
