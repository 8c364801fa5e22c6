"""Decide the first status of a comment. The list is the policy; the gravest outcome wins."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from ipaddress import ip_network
from typing import Any

from cms.content import comment_without_links
from cms.models import CommentStatus
from cms.services import comment_form
from cms.services.checks.evidence import Evidence
from cms.services.checks.openness import closed_because
from cms.services.checks.rules import BLOCKED


class Outcome(StrEnum):
    PASSED = "passed"
    HELD = "held"
    SPAM = "spam"
    # Not taken at all: who sends it is told, and nothing of it is kept.
    REFUSED = "refused"


# From the mildest to the gravest.
STATUSES = {
    Outcome.PASSED: CommentStatus.APPROVED,
    Outcome.HELD: CommentStatus.PENDING,
    Outcome.SPAM: CommentStatus.SPAM,
    Outcome.REFUSED: CommentStatus.REJECTED,
}
GRAVITY = list(STATUSES)
LINKING = ("http://", "https://", "www.")

# As it is kept: `check`, `outcome` and `detail`. Nobody is shown the rest: `knew`, what a check of
# `FACTS` went by, and `replaced`, where what it found is not in the text any more.
Verdict = dict[str, Any]
Finding = tuple[Outcome, str]


def thread_is_open(evidence: Evidence) -> Finding:
    why = closed_because(evidence.rules.said, evidence.published_at, evidence.now)
    if why and not evidence.edit_of:
        return Outcome.REFUSED, why
    return Outcome.PASSED, "The thread is open."


def honeypot_is_empty(evidence: Evidence) -> Finding:
    if evidence.honeypot:
        return Outcome.SPAM, "The field that people do not see was filled in."
    return Outcome.PASSED, "The field that people do not see was left empty."


def form_was_used(evidence: Evidence) -> Finding:
    if evidence.edit_of:
        return Outcome.PASSED, "An edit needs no form."
    fault = comment_form.fault_of(evidence.form_token, evidence.post_id, evidence.now)
    return (Outcome.HELD, fault) if fault else (Outcome.PASSED, "The form's token is good.")


def wording_is_allowed(evidence: Evidence) -> Finding:
    found = evidence.phrases.get(BLOCKED)
    if found:
        return Outcome.SPAM, f"It holds blocked words: {found}"
    return Outcome.PASSED, "It holds no blocked words."


def address_is_allowed(evidence: Evidence) -> Finding:
    email = evidence.email.casefold()
    if {email, email[email.rfind("@") :]} & evidence.rules.addresses:
        return Outcome.SPAM, "The writer's email address is blocked."
    return Outcome.PASSED, "The writer's email address is not blocked."


def network_is_allowed(evidence: Evidence) -> Finding:
    blocked = evidence.network and evidence.rules.network_with(ip_network(evidence.network))
    if blocked:
        return Outcome.SPAM, f"It comes from a blocked network: {blocked}"
    return Outcome.PASSED, "It comes from no blocked network."


def links_are_few(evidence: Evidence) -> Finding:
    most = evidence.rules.said["most_links"]
    # What is no link here may become one where it is read.
    rest = comment_without_links(evidence.html).lower()
    found = len(evidence.hrefs) + sum(map(rest.count, LINKING))
    if most is not None and found > most:
        return Outcome.HELD, f"It has {found} links; {most} are usual."
    return Outcome.PASSED, "It has few links."


def nobody_said_it_before(evidence: Evidence) -> Finding:
    if evidence.said_before:
        return Outcome.HELD, f"{evidence.said_before} other comments say exactly the same."
    return Outcome.PASSED, "No other comment says exactly the same."


def spam_is_unlikely(evidence: Evidence) -> Finding:
    score, said = evidence.spam_score, evidence.rules.said
    if score is None:
        return Outcome.PASSED, "Too few comments have been decided to tell spam by its words."
    detail = f"By its words it is spam with a likelihood of {score:.2f}."
    limits = [(Outcome.SPAM, said["spam_mark_at"]), (Outcome.HELD, said["spam_hold_at"])]
    reached = [outcome for outcome, limit in limits if limit is not None and score >= limit]
    return (reached or [Outcome.PASSED])[0], detail


def personal_data_is_absent(evidence: Evidence) -> Finding:
    kinds = evidence.personal_data
    if kinds and evidence.rules.said["hold_personal_data"]:
        return Outcome.HELD, f"It seems to hold personal data: {', '.join(kinds)}"
    return Outcome.PASSED, "No personal data was noticed; some may be there."


def wording_is_not_urgent(evidence: Evidence) -> Finding:
    if evidence.urgent:
        flag, words = evidence.urgent
        return Outcome.HELD, f"Look at it soon ({flag}): {words}. Words alone can be wrong."
    return Outcome.PASSED, "No urgent wording was noticed; it may be urgent all the same."


def writer_is_known(evidence: Evidence) -> Finding:
    if not evidence.rules.said["approve_known_writers"]:
        return Outcome.HELD, "Every reader's comment waits until it is approved."
    if not evidence.known_by:
        return (
            Outcome.HELD,
            "Its writer is not known: no receipt of an approved comment came along.",
        )
    return Outcome.PASSED, "Its writer is known by the receipt of an approved comment."


CHECKS: list[Callable[[Evidence], Finding]] = [
    thread_is_open,
    honeypot_is_empty,
    form_was_used,
    wording_is_allowed,
    address_is_allowed,
    network_is_allowed,
    links_are_few,
    nobody_said_it_before,
    spam_is_unlikely,
    personal_data_is_absent,
    wording_is_not_urgent,
    writer_is_known,
]


# What is known of a comment only when it comes, by the check that goes by it.
FACTS = {"spam_is_unlikely": "spam_score", "writer_is_known": "known_by"}


def judge(evidence: Evidence) -> list[Verdict]:
    """What each check says, in order."""
    return [_verdict(check.__name__, *check(evidence), evidence) for check in CHECKS]


def _verdict(name: str, outcome: Outcome, detail: str, evidence: Evidence) -> Verdict:
    said = {"check": name, "outcome": outcome.value, "detail": detail}
    return said | ({"knew": getattr(evidence, FACTS[name])} if name in FACTS else {})


def graver(before: Sequence[Verdict], after: Sequence[Verdict]) -> list[Verdict]:
    """What each check says at its gravest, before an edit or after it."""
    found = {verdict["check"]: verdict for verdict in of_replaced(before)}
    for verdict in after:
        said = found.get(verdict["check"], verdict)
        gravest = max((verdict, said), key=lambda one: GRAVITY.index(Outcome(one["outcome"])))
        found[verdict["check"]] = gravest
    return list(found.values())


def of_replaced(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The same, of words that are not there any more."""
    return [
        one | ({"replaced": True} if one["outcome"] != Outcome.PASSED else {}) for one in verdicts
    ]


def first_status(verdicts: Sequence[Verdict]) -> CommentStatus:
    """The status that the gravest verdict calls for."""
    gravest = max((Outcome(verdict["outcome"]) for verdict in verdicts), key=GRAVITY.index)
    return STATUSES[gravest]
