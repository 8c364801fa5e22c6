"""Remove an entry for ever. Taking it offline is `publishing`; this leaves nothing to come back."""

from sqlalchemy import delete, select

from cms.actor import Actor
from cms.extensions import db
from cms.models import Entry, PostFaq, Publication, RelatedPick
from cms.permissions import Action, require
from cms.services import audit, clock, generation, outbox, publishing, terms
from cms.services.published import not_past


def remove_entry(actor: Actor, entry: Entry) -> None:
    """Remove an entry that the caller has locked: its history, its slugs, its comments.

    Raises Forbidden.
    """
    require(actor, Action.ENTRY_REMOVE, entry)
    now = clock.now()
    if entry.is_shown_or_waits_at(now):
        publishing.take_down(actor, entry, now)
    _forget_terms(entry)
    generation.touch(*(f"post:{post_id}" for post_id in _posts_that_name(entry)))
    audit.record(actor, f"{entry.kind}.removed", entry.id, now)
    outbox.record(f"{entry.kind}.removed", now, id=entry.id, slug=entry.slug, locale=entry.locale)
    _delete(entry)


def _forget_terms(entry: Entry) -> None:
    """Uncount rows whose end has come without anybody marking them as past."""
    rows = select(Publication).where(Publication.entry_id == entry.id, not_past())
    for row in db.session.scalars(rows):
        terms.leave(row)


def _posts_that_name(entry: Entry) -> list[str]:
    picked = select(RelatedPick.post_id).where(RelatedPick.related_id == entry.id)
    shown = select(PostFaq.post_id).where(PostFaq.faq_id == entry.id)
    return list(db.session.scalars(picked.union(shown)))


def _delete(entry: Entry) -> None:
    # The database takes along what hangs on the row; loading all that first would be for nothing.
    db.session.flush()
    statement = delete(Entry).where(Entry.id == entry.id)
    db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.expunge(entry)
    db.session.expire_all()
