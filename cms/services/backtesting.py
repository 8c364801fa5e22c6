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
from cms.services.checks.evidence import Evidence
from cms.services.checks.rules import Rules
from cms.services.screening import Verdict

# What came with a form is not kept: the verdict of the time stands for it.
OF_THE_FORM = {"honeypot_is_empty", "form_was_used"}


def backtest(actor: Actor, proposed: Mapping[str, Any], last: int) -> dict[str, Any]:
    """`{"checked", "differences": [{"id", "status", "decided", "would_decide", "verdicts"}]}`.

    `decided` is what the checks said when it came, `status` what has become of it since; `verdicts`
    are those that would be others. Raises Forbidden.
    """
    require(actor, Action.COMMENT_RULES)
    by = rules.ready(proposed)
    newest = select(Comment).where(~Comment.is_staff, Comment.withdrawn_at.is_(None))
    newest = newest.order_by(Comment.created_at.desc(), Comment.id.desc()).limit(last)
    found = db.session.scalars(newest).all()
    compared = [_compared(comment, by) for comment in found]
    return {"checked": len(found), "differences": [one for one in compared if one]}


def _compared(comment: Comment, by: Rules) -> dict[str, Any] | None:
    before = {one["check"]: one for one in comment.verdicts}
    after = [_of_then(one, before) for one in screening.judge(_evidence(comment, by))]
    decided = screening.first_status(comment.verdicts) if before else comment.status
    would_decide = screening.first_status(after)
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


def _of_then(verdict: Verdict, before: Mapping[str, Verdict]) -> Verdict:
    return before.get(verdict["check"], verdict) if verdict["check"] in OF_THE_FORM else verdict


def _outcome(verdict: Verdict | None) -> str | None:
    return verdict and verdict["outcome"]


def _evidence(comment: Comment, by: Rules) -> Evidence:
    text = {name: getattr(comment, name) for name in ("source", "html", "text")}
    return evidence.of_kept(comment, text, comment.created_at, said_by=by)
