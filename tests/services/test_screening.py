"""Each check alone, and how their verdicts become a status."""

from datetime import UTC, datetime, timedelta

import pytest

from cms.models import CommentStatus
from cms.services import comment_form, screening
from cms.services.checks.evidence import Evidence
from cms.services.screening import CHECKS, Outcome

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def evidence(**known):
    given = {"post_id": "post", "now": NOW, "form_token": None, "honeypot": None}
    return Evidence(**given | known)


def token(seconds):
    return comment_form.make_token("post", NOW - timedelta(seconds=seconds))


def verdict(*outcomes):
    return [{"check": "x", "outcome": one.value, "detail": ""} for one in outcomes]


@pytest.mark.parametrize(("value", "outcome"), [(None, "passed"), ("", "passed"), ("x", "spam")])
def test_a_filled_honeypot_is_spam(value, outcome):
    assert screening.honeypot_is_empty(evidence(honeypot=value))[0] == outcome


@pytest.mark.parametrize("seconds", [0, 1, 25 * 3600])
def test_a_form_that_is_too_fast_or_too_old_is_held(context, seconds):
    outcome, detail = screening.form_was_used(evidence(form_token=token(seconds)))
    assert outcome is Outcome.HELD
    assert detail


@pytest.mark.parametrize("bad", [None, "", "forged"])
def test_a_missing_or_forged_token_is_held(context, bad):
    assert screening.form_was_used(evidence(form_token=bad))[0] is Outcome.HELD


def test_a_form_that_was_used_passes(context):
    assert screening.form_was_used(evidence(form_token=token(60)))[0] is Outcome.PASSED


def test_every_check_leaves_a_verdict_that_explains_itself(context):
    verdicts = screening.judge(evidence())
    assert [one["check"] for one in verdicts] == [check.__name__ for check in CHECKS]
    assert all(one["outcome"] and one["detail"] for one in verdicts)


def test_a_perfect_comment_still_waits_for_a_moderator(context):
    verdicts = screening.judge(evidence(form_token=token(60)))
    assert screening.first_status(verdicts) is CommentStatus.PENDING


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([Outcome.PASSED], CommentStatus.APPROVED),
        ([Outcome.PASSED, Outcome.HELD], CommentStatus.PENDING),
        ([Outcome.SPAM, Outcome.HELD, Outcome.PASSED], CommentStatus.SPAM),
        ([Outcome.HELD, Outcome.SPAM], CommentStatus.SPAM),
    ],
)
def test_the_gravest_outcome_wins_wherever_it_stands(outcomes, status):
    assert screening.first_status(verdict(*outcomes)) is status
