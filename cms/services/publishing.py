"""Make a working copy public, or take it offline: the only writer of `publications`."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from cms.actor import Actor
from cms.errors import Conflict, Invalid
from cms.extensions import db
from cms.models import Entry, Publication, Status
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    entries,
    generation,
    outbox,
    revisions,
    slugs,
    terms,
    versions,
)
from cms.services.freezing import freeze
from cms.services.published import not_past
from cms.times import FOREVER, MILLISECOND

E = TypeVar("E", bound=Entry)


def publish(
    actor: Actor,
    model: type[E],
    entry_id: str,
    version: int | None,
    *,
    published_at: datetime | None = None,
    correction_note: str | None = None,
) -> E:
    """Freeze the working copy and show it from now on.

    `published_at` backdates moved content. Publishing what is already shown changes nothing,
    unless a correction is to be noted.
    Raises Conflict (`not_publishable`, with each fault), Invalid (a `published_at` to come).
    """
    entry = entries.lock(model, entry_id)
    require(actor, Action.ENTRY_PUBLISH, entry)
    versions.expect(entry, version)
    now = clock.now()
    if published_at is None and correction_note is None and _is_shown_as_it_is(entry, now):
        return entry
    _check_ready(entry)
    entry.published_at = _first_shown(entry, published_at, now)
    _show(actor, entry, now, correction_note)
    return entry


def unpublish(
    actor: Actor, model: type[E], entry_id: str, version: int | None
) -> Publication | None:
    """Take an entry offline; answer the row that was public, if one was.

    Taking down what is not shown changes nothing.
    """
    entry = entries.lock(model, entry_id)
    require(actor, Action.ENTRY_PUBLISH, entry)
    versions.expect(entry, version)
    now = clock.now()
    row = live_row(entry, now)
    if row is not None:
        take_down(actor, entry, now)
    return row


def take_down(actor: Actor, entry: Entry, now: datetime) -> None:
    """End what readers see of an entry that the caller has locked."""
    _end_present(entry, now)
    entry.live_until = now
    _changed(actor, entry, "unpublished", now)


def live_row(entry: Entry, now: datetime) -> Publication | None:
    """What the public sees of an entry at a moment."""
    return db.session.scalar(
        select(Publication).where(
            Publication.entry_id == entry.id,
            not_past(),
            Publication.visible_from <= now,
            Publication.visible_until > now,
        )
    )


def _is_shown_as_it_is(entry: Entry, now: datetime) -> bool:
    shown = entry.status_at(now) is Status.PUBLISHED
    return shown and entry.live_revision == entry.revision


def _first_shown(entry: Entry, asked: datetime | None, now: datetime) -> datetime:
    if asked is not None and asked > now:
        raise Invalid("/published_at", "This can only be a time that has passed.")
    return asked or entry.published_at or now


def _show(actor: Actor, entry: Entry, now: datetime, correction_note: str | None) -> None:
    verb = "updated" if entry.status_at(now) is Status.PUBLISHED else "published"
    start = _end_present(entry, now)
    row = freeze(entry, published_at=entry.published_at, visible_from=start)
    row.correction_note = correction_note
    db.session.add(row)
    db.session.flush()
    terms.enter(row)
    entry.live_revision = entry.revision
    revisions.keep(entry, entry.revision)
    entry.live_from, entry.live_until = start, FOREVER
    _changed(actor, entry, verb, now)


def _end_present(entry: Entry, now: datetime) -> datetime:
    """Mark every row that is not past as past; return when the next one may start."""
    terms.hold_lineage(entry)
    rows = db.session.scalars(
        select(Publication).where(Publication.entry_id == entry.id, not_past())
    )
    start = now
    for row in rows:
        # A row shows for a millisecond at least: intervals of one entry never meet in a point.
        end = max(now, row.visible_from + MILLISECOND)
        row.visible_until = min(row.visible_until, end)
        row.past = True
        terms.leave(row)
        start = max(start, row.visible_until)
    return start


def _changed(actor: Actor, entry: Entry, verb: str, now: datetime) -> None:
    entry.changed(now)
    db.session.flush()
    slugs.settle(entry, now)
    generation.touch(f"{entry.kind}:{entry.id}", f"list:{entry.kind}")
    audit.record(actor, f"{entry.kind}.{verb}", entry.id, now)
    outbox.record(f"{entry.kind}.{verb}", now, id=entry.id, slug=entry.slug, locale=entry.locale)


def title_is_there(entry: Entry) -> tuple[str, str] | None:
    return None if entry.title.strip() else ("/title", "There is no title.")


def body_is_there(entry: Entry) -> tuple[str, str] | None:
    # An image or a rule alone is a body too: what counts is what a reader gets to see.
    return None if entry.body_html.strip() else ("/body/source", "There is no text to show.")


# What must hold before readers see an entry. Every fault is reported, in this order.
CHECKS: list[Callable[[Entry], tuple[str, str] | None]] = [title_is_there, body_is_there]


def _check_ready(entry: Entry) -> None:
    faults = [fault for check in CHECKS if (fault := check(entry))]
    if faults:
        raise Conflict(
            "This can not be published yet.",
            reason="not_publishable",
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in faults],
        )
