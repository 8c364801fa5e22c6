"""The rules that comments are checked by: read, replaced as a whole, and tried before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cms.actor import Actor
from cms.extensions import db
from cms.models import ONLY, CommentRules
from cms.permissions import Action, require
from cms.reading import reader
from cms.services import audit, clock, generation, outbox
from cms.services.checks import rules
from cms.services.checks.rules import SHIPPED, Rules
from cms.services.sql import insert_into, json_text

# What readers see of the rules: whether comments are open.
CLOSING = {"closed", "close_after_days"}
# As text: what is worded as before is ready already.
WRITTEN = select(json_text(CommentRules.rules)).where(CommentRules.id == ONLY)


def current() -> Rules:
    """The rules of the site, ready to be asked."""
    found = reader().row(WRITTEN, {})
    return rules.written(found[0] if found else "{}")


def get(actor: Actor) -> CommentRules:
    """Raises Forbidden."""
    require(actor, Action.COMMENT_RULES)
    return db.session.get(CommentRules, ONLY) or _new()


def put(actor: Actor, version: int | None, said: Mapping[str, Any]) -> CommentRules:
    """Replace the rules; what is not named is as shipped. Saying what is changes nothing.

    Raises Forbidden, StaleVersion.
    """
    require(actor, Action.COMMENT_RULES)
    kept = _locked()
    kept.expect(version)
    before, after = rules.whole(kept.rules), rules.whole(said)
    changed = [name for name in SHIPPED if before[name] != after[name]]
    if changed:
        now = clock.now()
        kept.rules = after
        kept.closed, kept.close_after_days = after["closed"], after["close_after_days"]
        if not CLOSING.isdisjoint(changed):
            generation.touch(generation.OPENNESS)
        kept.changed(now)
        audit.record(actor, "comment_rules.saved", ONLY, now, changed)
        outbox.record("comment_rules.saved", now, fields=sorted(changed))
    return kept


def _locked() -> CommentRules:
    held = {"with_for_update": True, "populate_existing": True}
    found = db.session.get(CommentRules, ONLY, **held)
    if found is None:
        # Of two that are the first at once, the second waits here.
        first = insert_into(CommentRules).values(id=ONLY, version=1, rules={}, **_times())
        db.session.execute(first.on_conflict_do_nothing())
        found = db.session.get_one(CommentRules, ONLY, **held)
    return found


def _new() -> CommentRules:
    return CommentRules(id=ONLY, version=1, rules={}, **_times())


def _times() -> dict[str, datetime]:
    now = clock.reading_now()
    return {"created_at": now, "updated_at": now}
