"""Remove an entry for ever. Taking it offline is `publishing`; this leaves nothing to come back."""

from datetime import datetime

from sqlalchemy import delete, select

from cms.actor import Actor
from cms.extensions import db
from cms.models import Entry, Publication
from cms.permissions import Action, require
from cms.services import audit, clock, generation, outbox, publishing, translations
from cms.services.publishing import Taken
from cms.services.where_used import ids_naming


def remove_entry(actor: Actor, entry: Entry) -> Taken:
    """Remove an entry that the caller has locked: its history, its slugs, its comments.

    Answers what readers lost by it. Raises Forbidden.
    """
    require(actor, Action.ENTRY_REMOVE, entry)
    now = clock.now()
    taken = publishing.take_down(actor, entry, now)
    generation.touch(*(f"post:{post_id}" for post_id in db.session.scalars(ids_naming(entry))))
    generation.touch(*_public_traces(entry, now))
    audit.record(actor, f"{entry.kind}.removed", entry.id, now)
    outbox.record(f"{entry.kind}.removed", now, id=entry.id, slug=entry.slug, locale=entry.locale)
    db.session.flush()
    # The answer still tells of the rows that go with the entry.
    for row in (taken.live, taken.waiting):
        if row is not None and row in db.session:
            db.session.expunge(row)
    _delete(entry)
    return taken


def _public_traces(entry: Entry, now: datetime) -> set[str]:
    """Keys of what it was to readers, whose copies must lose it, and of its translations.

    Its own is named however long it has been offline: who is in the middle of a delta that tells
    of its end finds nothing of it from now on, and is told by the next.
    """
    shown = select(Publication.locale).distinct().where(Publication.entry_id == entry.id)
    locales = db.session.scalars(shown.where(Publication.visible_from <= now)).all()
    if not locales:
        return set()
    changed = {entry.id, *translations.shown_beside(entry.id)}
    named = {f"{entry.kind}:{one}" for one in changed}
    return generation.gone(entry.kind, entry.id, locales) | named


def _delete(entry: Entry) -> None:
    # The database takes along what hangs on the row; loading all that first would be for nothing.
    statement = delete(Entry).where(Entry.id == entry.id)
    db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.expunge(entry)
    db.session.expire_all()
