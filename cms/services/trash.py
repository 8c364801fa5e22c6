"""Put an entry in the trash, take it out again, or remove it for ever; say what depended on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from cms.actor import Actor
from cms.errors import Conflict
from cms.extensions import db
from cms.models import Entry, Post
from cms.permissions import Action, require
from cms.services import audit, clock, entries, outbox, publishing, removal, versions
from cms.services.publishing import Taken
from cms.services.where_used import ids_naming

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Discarded:
    """An entry that was put away: what readers lost by it, and the posts that name it."""

    entry: Entry
    taken: Taken
    depended_on_by: list[Post]
    is_gone: bool = False


def put_away(
    actor: Actor, model: type[E], entry_id: str, version: int | None, *, permanent: bool
) -> Discarded:
    """`remove`, or `discard`."""
    return (remove if permanent else discard)(actor, model, entry_id, version)


def discard(actor: Actor, model: type[E], entry_id: str, version: int | None) -> Discarded:
    """Take an entry offline, cancel what waits, and put it in the trash; its slugs stay its own.

    Raises Forbidden, Conflict (`trashed`), NotFound, StaleVersion.
    """
    entry = entries.lock(model, entry_id)
    now = clock.now()
    require(actor, Action.ENTRY_TRASH, entry, now)
    versions.expect(entry, version)
    entries.refuse_trashed(entry)
    if entry.is_shown_or_waits_at(now):
        require(actor, Action.ENTRY_PUBLISH, entry)
    taken = publishing.take_down(actor, entry, now)
    entry.trashed_at = now
    _changed(actor, entry, "trashed", now)
    return Discarded(entry, taken, posts_that_name(entry))


def restore(actor: Actor, model: type[E], entry_id: str) -> E:
    """Take an entry out of the trash; it is not public before it is published again.

    Raises Forbidden, Conflict (`not_trashed`), NotFound.
    """
    entry = entries.lock(model, entry_id)
    now = clock.now()
    require(actor, Action.ENTRY_TRASH, entry, now)
    if entry.trashed_at is None:
        raise Conflict(f"This {entry.kind} is not in the trash.", reason="not_trashed")
    entry.trashed_at = None
    _changed(actor, entry, "restored", now)
    return entry


def remove(actor: Actor, model: type[E], entry_id: str, version: int | None) -> Discarded:
    """Remove an entry for ever, from the trash or not. Raises Forbidden, NotFound, StaleVersion."""
    entry = entries.lock(model, entry_id)
    require(actor, Action.ENTRY_REMOVE, entry)
    versions.expect(entry, version)
    named = posts_that_name(entry)
    return Discarded(entry, removal.remove_entry(actor, entry), named, is_gone=True)


def posts_that_name(entry: Entry) -> list[Post]:
    """The posts whose working copies show this FAQ, or picked this post as a neighbour."""
    named = select(Post).where(Post.id.in_(ids_naming(entry))).order_by(Post.title_key, Post.id)
    return list(db.session.scalars(named))


def _changed(actor: Actor, entry: Entry, verb: str, now: datetime) -> None:
    entry.changed(now)
    audit.record(actor, f"{entry.kind}.{verb}", entry.id, now)
    outbox.record(f"{entry.kind}.{verb}", now, id=entry.id, slug=entry.slug, locale=entry.locale)
