"""What other rules would have decided on the last comments. Nothing is written."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from cms.actor import Actor
from cms.extensions import db
from cms.models import Comment
from cms.permissions import Action, require
from cms.services import evidence, screening
from cms.services.checks import rules
from cms.services.checks.rules import Rules
from cms.services.screening import FACTS, Verdict

# No rule says anything of these; and what came with a form is not kept.
WITHOUT_RULES = {"honeypot_is_empty", "form_was_used", "nobody_said_it_before"}


def backtest(actor: Actor, proposed: Mapping[str, Any], last: int) -> dict[str, Any]:
    """`{"checked", "never_screened", "differences"}`, of the last comments of readers.

    A difference is `{"id", "status", "decided", "would_decide", "verdicts"}`: `decided` is what the
    checks said when it came, `status` what has become of it since; `verdicts` are those that would
    be others. It is one of rules alone: what was known then is not looked up anew. What an archive
    brought in was never screened, and is not compared. Raises Forbidden.
    """
    require(actor, Action.COMMENT_RULES)
    by = rules.ready(proposed)
    newest = select(Comment).where(~Comment.is_staff, Comment.withdrawn_at.is_(None))
    newest = newest.order_by(Comment.created_at.desc(), Comment.id.desc()).limit(last)
    found = db.session.scalars(newest).all()
    compared = [_compared(comment, by) for comment in found if comment.verdicts]
    return {
        "checked": len(compared),
        "never_screened": len(found) - len(compared),
        "differences": [one for one in compared if one],
    }


def _compared(comment: Comment, by: Rules) -> dict[str, Any] | None:
    before = {one["check"]: one for one in comment.verdicts}
    after = [_of_then(comment, before, one) for one in _anew(comment, before, by)]
    decided, would_decide = map(screening.first_status, (comment.verdicts, after))
    if decided is would_decide:
        return None
    others = [one for one in after if _outcome(before.get(one["check"])) != one["outcome"]]
    return {
        "id": comment.id,
        "status": comment.status,
        "decided": decided,
        "would_decide": would_decide,
        "verdicts": others,
    }


def _anew(comment: Comment, before: Mapping[str, Verdict], by: Rules) -> list[Verdict]:
    said = {check: before.get(check, {}) for check in FACTS}
    facts = {fact: said[check]["knew"] for check, fact in FACTS.items() if "knew" in said[check]}
    return screening.judge(evidence.of_then(comment, by, **facts))


def _of_then(comment: Comment, before: Mapping[str, Verdict], verdict: Verdict) -> Verdict:
    said = before.get(verdict["check"], verdict)
    return said if _stands(comment, said) else verdict


def _stands(comment: Comment, said: Verdict) -> bool:
    """Whether a verdict can not be found anew: it goes by what nobody knows any more."""
    check = said["check"]
    is_forgotten = check == "network_is_allowed" and comment.network is None
    is_unknown = check == "spam_is_unlikely" and "knew" not in said
    return check in WITHOUT_RULES or "replaced" in said or is_forgotten or is_unknown


def _outcome(verdict: Verdict | None) -> str | None:
    return verdict and verdict["outcome"]
