"""What administrators say about the site: it shows at the next public read."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from cms.actor import Actor
from cms.extensions import db
from cms.models import ONLY, SiteSettings
from cms.models.comment import LEVELS
from cms.permissions import Action, require
from cms.services import audit, clock, consents, generation, outbox


def get(actor: Actor) -> SiteSettings:
    """Raises Forbidden."""
    require(actor, Action.SETTINGS_EDIT)
    return db.session.get(SiteSettings, ONLY) or _new()


def edit(actor: Actor, version: int | None, changes: Mapping[str, Any]) -> SiteSettings:
    """Change some; null gives back what the environment says. Saying what is changes nothing.

    Raises Forbidden, StaleVersion.
    """
    require(actor, Action.SETTINGS_EDIT)
    found = db.session.get(SiteSettings, ONLY, with_for_update=True, populate_existing=True)
    settings = found or _new()
    settings.expect(version)
    real = {name: value for name, value in changes.items() if getattr(settings, name) != value}
    if real:
        _apply(actor, settings, real)
    return settings


def comment_levels() -> int:
    """How many levels a thread of comments has."""
    said = db.session.scalar(select(SiteSettings.comment_levels).filter_by(id=ONLY))
    return said or LEVELS


def _new() -> SiteSettings:
    now = clock.reading_now()
    return SiteSettings(id=ONLY, version=1, created_at=now, updated_at=now)


def _apply(actor: Actor, settings: SiteSettings, changes: Mapping[str, Any]) -> None:
    now = clock.now()
    if "comment_consent" in changes:
        before = settings.comment_consent or {}
        consents.keep(before, changes["comment_consent"] or {}, now)
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.changed(now)
    db.session.add(settings)
    generation.touch("site")
    audit.record(actor, "settings.saved", ONLY, now, changes)
    outbox.record("settings.saved", now, fields=sorted(changes))
