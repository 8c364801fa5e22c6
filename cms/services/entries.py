"""The working copy of a post or a FAQ: load it, save it, keep every state that it was in."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import Select, bindparam, select

from cms import content
from cms.actor import Actor
from cms.errors import Conflict, NotFound
from cms.extensions import db
from cms.models import Entry
from cms.models.base import new_id
from cms.permissions import Action, require
from cms.services import (
    audit,
    body_links,
    clock,
    entry_links,
    keeping,
    locks,
    outbox,
    revisions,
    slugs,
    translations,
    versions,
)
from cms.services.entry_fields import AT_ONCE, differing, rendered, set_field
from cms.services.revisions import Save

E = TypeVar("E", bound=Entry)
# Fields that say where a body leads.
LEADING = {"body", "locale"}


def get(model: type[E], entry_id: str) -> E:
    """Raises NotFound."""
    return _load(model, entry_id, _named(model))


def read(actor: Actor, model: type[E], entry_id: str) -> E:
    """Raises Forbidden, NotFound."""
    require(actor, Action.CONTENT_READ)
    return get(model, entry_id)


def lock(model: type[E], entry_id: str) -> E:
    """Load an entry for a change, and keep others from changing it until the commit."""
    locks.share_filing()
    return _load(model, entry_id, _held(model))


@cache
def _named(model: type[E]) -> Select[tuple[E]]:
    return select(model).where(model.id == bindparam("entry_id"))


@cache
def _held(model: type[E]) -> Select[tuple[E]]:
    return _named(model).with_for_update(of=Entry)


def _load(model: type[E], entry_id: str, query: Select[tuple[E]]) -> E:
    found = {"entry_id": entry_id}
    entry = db.session.scalar(query, found, execution_options={"populate_existing": True})
    if entry is None:
        raise NotFound(f"There is no such {model.__name__.lower()}.", reason="not_found")
    entry_links.load(entry)
    return entry


def refuse_trashed(entry: Entry) -> None:
    """Raises Conflict (`trashed`): what lies in the trash is restored first."""
    if entry.trashed_at is not None:
        raise Conflict(f"This {entry.kind} is in the trash.", reason="trashed")


def prepared(actor: Actor, model: type[Entry], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a view does before its transaction: values whose body is rendered already.

    Raises Forbidden for who may not write at all, before any work is done for them; Invalid.
    """
    require(actor, Action.ENTRY_CREATE)
    return rendered(model, values)


def save(
    actor: Actor,
    entry: Entry,
    changes: Mapping[str, Any],
    now: datetime,
    *,
    note: str | None = None,
    restored: bool = False,
) -> None:
    """Apply an editor's changes and keep the result as a revision.

    What takes effect at once, without being published, makes none.
    """
    # Written once, when everything is known.
    with db.session.no_autoflush:
        for name, value in changes.items():
            set_field(entry, name, value)
        entry.slug = changes.get("slug") or entry.slug or slugs.first_free(entry)
        entry.changed(now)
        versions.note_changes(actor, entry, changes, now)
    keeping.write(entry)
    _hold_slug(entry, changes, now)
    if entry.version == 1 or not set(changes) <= AT_ONCE:
        changed, before = sorted(set(changes) - AT_ONCE), entry.revision
        revisions.record(Save(actor, entry, changed, now, note, restored))
        body_links.keep(entry, before, body_changed=not LEADING.isdisjoint(changes))
    _announce(actor, entry, changes, now, restored)


def edit(
    actor: Actor, model: type[E], entry_id: str, version: int | None, changes: Mapping[str, Any]
) -> tuple[E, Mapping[str, Any]]:
    """Change a working copy; answer it, and which of the changes are any.

    `note` among the changes says why. Saying again what is there changes nothing.
    Raises Forbidden, NotFound, StaleVersion, Invalid (`nothing_to_note`).
    """
    _hold_what_is_linked(changes, entry_id)
    entry = open_for_change(actor, model, entry_id, version)
    return entry, change(actor, entry, changes)


def open_for_change(actor: Actor, model: type[E], entry_id: str, version: int | None) -> E:
    """Lock an entry for who may edit it. Raises Forbidden, NotFound, StaleVersion."""
    entry = lock(model, entry_id)
    require(actor, Action.ENTRY_EDIT, entry, clock.now())
    versions.expect(entry, version)
    refuse_trashed(entry)
    return entry


def change(
    actor: Actor, entry: Entry, changes: Mapping[str, Any], *, restored: bool = False
) -> Mapping[str, Any]:
    """Save those of the changes that are any, and answer them."""
    fields, note = _apart(changes)
    real = differing(entry, fields)
    if note and set(real) <= AT_ONCE:
        revisions.check_noted(entry, note)
    if real:
        save(actor, entry, real, clock.now(), note=note, restored=restored)
    return real


def _apart(changes: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The fields of a working copy, and what the editor noted beside them."""
    fields = dict(changes)
    return fields, fields.pop("note", None) or None


def start(actor: Actor, entry: Entry, values: Mapping[str, Any], now: datetime) -> None:
    """Keep a new entry: the slug that was asked for, or the first free one made from the title."""
    _hold_what_is_linked(values)
    locks.share_filing()
    entry.id, entry.created_by, entry.created_at = new_id(), actor.user_id, now
    # Its row is written once, and so has the number of its first revision before that is kept.
    entry.version, entry.revision = 0, 1
    # An empty body needs no rendering.
    entry.pipeline_version = content.PIPELINE_VERSION
    entry.changed_in = {}
    entry.slug, entry.translation_group = "", new_id()
    entry_links.begin(entry)
    # What the other fields are looked at beside.
    set_field(entry, "title", values["title"])
    set_field(entry, "locale", values.get("locale", current_app.config["CMS"].default_locale))
    fields, note = _apart(values)
    save(actor, entry, fields, now, note=note)


def _hold_what_is_linked(changes: Mapping[str, Any], *ids: str) -> None:
    original_id = changes.get("translation_of")
    if original_id is not None:
        locks.share_filing()
        translations.hold(original_id, *ids)


def _announce(
    actor: Actor, entry: Entry, changes: Mapping[str, Any], now: datetime, restored: bool
) -> None:
    verb = "created" if entry.version == 1 else "saved"
    # Outside, it is one more save; inside, somebody will ask who turned back.
    action = "revision_restored" if restored else verb
    audit.record(actor, f"{entry.kind}.{action}", entry.id, now, changes)
    outbox.record(f"{entry.kind}.{verb}", now, id=entry.id, revision=entry.revision)


def _hold_slug(entry: Entry, changes: Mapping[str, Any], now: datetime) -> None:
    is_new = entry.version == 1
    if is_new and not changes.get("slug"):
        slugs.claim_from_title(entry)
    elif changes.keys() & {"slug", "locale"}:
        slugs.claim(entry)
    if not is_new:
        slugs.settle(entry, now)
