"""Make a working copy public, now or at a time, and take it offline."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from cms.actor import Actor
from cms.errors import Conflict, Invalid
from cms.extensions import db
from cms.models import Entry, Kind, Publication, Status
from cms.permissions import Action, require
from cms.services import (
    audit,
    clock,
    entries,
    generation,
    intervals,
    keeping,
    outbox,
    publish_checks,
    related,
    slugs,
    versions,
)
from cms.services.intervals import Seen, Standing
from cms.times import FOREVER

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an editor asks for when publishing. `published_at` backdates moved content.

    `schedule` says what becomes of a text that waits already: "keep" it (the new one ends when it
    begins), or "replace" it.
    """

    published_at: datetime | None = None
    correction_note: str | None = None
    publish_at: datetime | None = None
    unpublish_at: datetime | None = None
    schedule: str | None = None

    @property
    def asks_for_nothing(self) -> bool:
        """Whether it is only to show what is there."""
        plain = replace(self, schedule=None, correction_note=self.correction_note or None)
        return plain == AT_ONCE

    @property
    def ends(self) -> datetime:
        return self.unpublish_at or FOREVER


# Now, for good, and over nothing that waits.
AT_ONCE = Plan()
# What may become of a text that waits when another is to wait, or to show at once.
WAITING = "Another text waits for its time. Say `schedule`: {} it."
GIVES_WAY, STAYS_OR_GIVES_WAY = "`replace`", "`keep` or `replace`"


@dataclass(frozen=True)
class Taken:
    """What an entry lost: the row that was public, and the one that would have been."""

    live: Publication | None
    waiting: Publication | None


def publish(
    actor: Actor, model: type[E], entry_id: str, version: int | None, plan: Plan = AT_ONCE
) -> E:
    """Freeze the working copy and show it from now on, or from `publish_at` on.

    Publishing what is already shown changes nothing, unless something else is asked for.
    Raises Conflict (`not_publishable` with each fault, `schedule_waiting`, `trashed`), Invalid.
    """
    entry, now = held(actor, model, entry_id, version)
    check_times(plan, now)
    standing = intervals.settle(entry, now)
    stays = standing.waiting is None or plan.schedule == "keep"
    if plan.asks_for_nothing and stays and _is_shown_as_it_is(entry, now):
        return entry
    publish_checks.require_none(entry, plan.publish_at or now)
    _make_room(entry, standing, plan)
    verb = _verb(entry, plan, now)
    row = _place(entry, standing, plan, now)
    if plan.correction_note:
        row.correction_note = plan.correction_note
    announce(actor, entry, verb, now)
    return entry


def unpublish(actor: Actor, model: type[E], entry_id: str, version: int | None) -> tuple[E, Taken]:
    """Take an entry offline, and cancel what waits. Taking down nothing changes nothing."""
    entry, now = held(actor, model, entry_id, version)
    return entry, take_down(actor, entry, now)


def take_down(actor: Actor, entry: Entry, now: datetime) -> Taken:
    """End what readers see, and will see, of an entry that the caller has locked."""
    standing = intervals.settle(entry, now)
    taken = Taken(standing.live, intervals.drop_waiting(entry, standing))
    intervals.end_live(entry, standing, now)
    if taken.live is not None or taken.waiting is not None:
        announce(actor, entry, "unpublished", now)
    return taken


def standing_at(entry: Entry, now: datetime) -> tuple[Seen | None, Seen | None]:
    """What the public sees of an entry at a moment, and what it will see next."""
    rows = intervals.seen(entry)
    live = (row for row in rows if row.visible_from <= now < row.visible_until)
    waiting = (row for row in rows if row.visible_from > now)
    return next(live, None), next(waiting, None)


def announce(actor: Actor, entry: Entry, verb: str, now: datetime) -> None:
    """Count and record a change of what the public sees, or will."""
    entry.changed(now)
    keeping.write(entry)
    # What else was changed: nothing, mostly.
    db.session.flush()
    slugs.settle(entry, now)
    if entry.kind is Kind.POST:
        related.due([entry.id], spreads=True)
    # A plan too: what a cache was given until now is good for longer than the plan allows.
    generation.touch(f"{entry.kind}:{entry.id}", f"list:{entry.kind}")
    audit.record(actor, f"{entry.kind}.{verb}", entry.id, now)
    outbox.record(f"{entry.kind}.{verb}", now, id=entry.id, slug=entry.slug, locale=entry.locale)


def held(actor: Actor, model: type[E], entry_id: str, version: int | None) -> tuple[E, datetime]:
    """An entry locked for a change of what is public, and the time of that change."""
    entry = entries.lock(model, entry_id)
    require(actor, Action.ENTRY_PUBLISH, entry)
    versions.expect(entry, version)
    entries.refuse_trashed(entry)
    return entry, clock.now()


def check_times(plan: Plan, now: datetime) -> None:
    """Raises Invalid for the first time that can not be."""
    if plan.published_at is not None and plan.published_at > now:
        raise Invalid("/published_at", "This can only be a time that has passed.")
    if plan.publish_at is not None and plan.publish_at <= now:
        raise Invalid("/publish_at", "This can only be a time to come.")
    if plan.ends <= (plan.publish_at or now):
        raise Invalid("/unpublish_at", "This must be later than its beginning.")


def _is_shown_as_it_is(entry: Entry, now: datetime) -> bool:
    return entry.shown_revision_at(now) == entry.revision and entry.live_ends_at is None


def _make_room(entry: Entry, standing: Standing, plan: Plan) -> None:
    """Raises Conflict (`schedule_waiting`) where the plan does not say what gives way."""
    if standing.waiting is None:
        return
    if plan.schedule == "replace":
        intervals.drop_waiting(entry, standing)
    elif plan.schedule is None or plan.publish_at is not None:
        choice = STAYS_OR_GIVES_WAY if plan.publish_at is None else GIVES_WAY
        raise Conflict(WAITING.format(choice), reason="schedule_waiting")


def _verb(entry: Entry, plan: Plan, now: datetime) -> str:
    if plan.publish_at is not None:
        return "scheduled"
    return "updated" if entry.status_at(now) is Status.PUBLISHED else "published"


def _place(entry: Entry, standing: Standing, plan: Plan, now: datetime) -> Publication:
    first = plan.published_at or _shown_first(entry)
    if plan.publish_at is None:
        return intervals.show(entry, standing, now, published_at=first or now, ends=plan.ends)
    at = plan.publish_at
    return intervals.wait(entry, standing, at, published_at=first or at, ends=plan.ends)


def _shown_first(entry: Entry) -> datetime | None:
    return entry.published_at if entry.live_from is not None else None
