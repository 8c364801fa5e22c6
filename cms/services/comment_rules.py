"""The rules that comments are checked by: read, replaced as a whole, and tried before."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from cms.actor import Actor
from cms.extensions import db
from cms.models import ONLY, CommentRules
from cms.permissions import Action, require
from cms.services import audit, clock, outbox
from cms.services.checks.rules import SHIPPED


def said() -> dict[str, Any]:
    """The rules of the site."""
    kept = db.session.scalar(select(CommentRules.rules).filter_by(id=ONLY))
    return SHIPPED | (kept or {})


def get(actor: Actor) -> CommentRules:
    """Raises Forbidden."""
    require(actor, Action.COMMENT_RULES)
    return db.session.get(CommentRules, ONLY) or _new()


def put(actor: Actor, version: int | None, rules: Mapping[str, Any]) -> CommentRules:
    """Replace the rules; what is not named is as shipped. Saying what is changes nothing.

    Raises Forbidden, StaleVersion.
    """
    require(actor, Action.COMMENT_RULES)
    found = db.session.get(CommentRules, ONLY, with_for_update=True, populate_existing=True)
    kept = found or _new()
    kept.expect(version)
    before, after = SHIPPED | kept.rules, SHIPPED | dict(rules)
    changed = [name for name in SHIPPED if before[name] != after[name]]
    if changed:
        now = clock.now()
        kept.rules = after
        kept.changed(now)
        db.session.add(kept)
        audit.record(actor, "comment_rules.saved", ONLY, now, changed)
        outbox.record("comment_rules.saved", now, fields=sorted(changed))
    return kept


def _new() -> CommentRules:
    now = clock.reading_now()
    return CommentRules(id=ONLY, version=1, created_at=now, updated_at=now, rules=dict(SHIPPED))
