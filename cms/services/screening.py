"""Decide the first status of a comment. The list is the policy; the gravest outcome wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cms.models import CommentStatus
from cms.services import comment_form


class Outcome(StrEnum):
    PASSED = "passed"
    HELD = "held"
    SPAM = "spam"


# From the mildest to the gravest.
STATUSES = {
    Outcome.PASSED: CommentStatus.APPROVED,
    Outcome.HELD: CommentStatus.PENDING,
    Outcome.SPAM: CommentStatus.SPAM,
}
GRAVITY = list(STATUSES)

Verdict = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the checks may look at."""

    post_id: str
    now: datetime
    form_token: str | None
    honeypot: str | None
    # The approved comment whose receipt came along, of the same email: what makes a writer known.
    known_by: str | None = None
    # The comment that is judged again because its writer edits it; no form comes with an edit.
    edit_of: str | None = None


Finding = tuple[Outcome, str]


def honeypot_is_empty(evidence: Evidence) -> Finding:
    if evidence.honeypot:
        return Outcome.SPAM, "The field that people do not see was filled in."
    return Outcome.PASSED, "The field that people do not see was left empty."


def form_was_used(evidence: Evidence) -> Finding:
    if evidence.edit_of:
        return Outcome.PASSED, "An edit needs no form."
    fault = comment_form.fault_of(evidence.form_token, evidence.post_id, evidence.now)
    return (Outcome.HELD, fault) if fault else (Outcome.PASSED, "The form's token is good.")


def readers_are_moderated(_evidence: Evidence) -> Finding:
    return Outcome.HELD, "Every reader's comment waits until it is approved."


CHECKS: list[Callable[[Evidence], Finding]] = [
    honeypot_is_empty,
    form_was_used,
    readers_are_moderated,
]


def judge(evidence: Evidence) -> list[Verdict]:
    """What each check says, in order: `{"check", "outcome", "detail"}`."""
    findings = [(check.__name__, *check(evidence)) for check in CHECKS]
    return [
        {"check": name, "outcome": outcome.value, "detail": detail}
        for name, outcome, detail in findings
    ]


def graver(before: Sequence[Verdict], after: Sequence[Verdict]) -> list[Verdict]:
    """What each check says at its gravest, before an edit or after it."""
    found = {verdict["check"]: verdict for verdict in before}
    for verdict in after:
        said = found.get(verdict["check"], verdict)
        gravest = max((said, verdict), key=lambda one: GRAVITY.index(Outcome(one["outcome"])))
        found[verdict["check"]] = gravest
    return list(found.values())


def first_status(verdicts: Sequence[Verdict]) -> CommentStatus:
    """The status that the gravest verdict calls for."""
    gravest = max((Outcome(verdict["outcome"]) for verdict in verdicts), key=GRAVITY.index)
    return STATUSES[gravest]
