"""What other rules would have decided, and that the same rules would have decided the same."""

from datetime import timedelta

import orjson
import pytest

from cms.database import transaction
from cms.services import comment_upkeep
from cms.times import utc_now
from tests import building
from tests.building import ANY
from tests.commenting import (
    archived,
    by_receipt,
    known_writer,
    leave,
    moderate,
    send,
)

URL = "/api/v1/manage/comment-rules"
# All that passes the other checks is approved at once, so that each of them decides.
RULES = {"approve_known_writers": True, "learn_from": 1, "spam_hold_at": 0.7}
RULES |= {"blocked_words": ["casino"], "blocked_networks": ["203.0.113.0/24"]}
SAID = "These are quite enough words to tell"


@pytest.fixture
def says(app, client, editor, post, monkeypatch):
    """Leave a comment as a known writer; what came back, and whether it was approved at once."""
    assert editor.put(URL, json=RULES, headers=ANY).status_code == 200
    monkeypatch.setattr("cms.services.comment_form.YOUNGEST", timedelta(0))
    known = known_writer(client, editor, post)

    def says(body, *, at_once, receipt=known["receipt"]):
        answer = send(client, post, body=body, **known | {"receipt": receipt})
        assert answer.status_code == (201 if at_once else 202), answer.json
        return answer.json["data"]

    return says


def backtest(who, **rules):
    answer = who.post(f"{URL}/backtest", json={"rules": rules, "last": 20})
    assert answer.status_code == 200, answer.json
    return answer.json["data"]


def test_a_backtest_says_what_would_differ_and_writes_nothing(client, editor, post):
    first, _ = leave(client, post, body="Buy pills"), leave(client, post, body="Thank you")
    rules = {"blocked_words": ["PILLS"]}
    answer = backtest(editor, **rules)

    (one,) = answer["differences"]
    assert (answer["checked"], one["id"]) == (2, first)
    assert (one["decided"], one["would_decide"]) == ("pending", "spam")
    assert [verdict["check"] for verdict in one["verdicts"]] == ["wording_is_allowed"]
    assert editor.get(URL).json["data"]["rules"]["blocked_words"] == []


def test_other_limits_are_tried_on_what_the_filter_knew_then(editor, says):
    spam = says("cheap viagra pills", at_once=True)
    moderate(editor, spam["id"], status="spam")
    held = says("cheap viagra pills again", at_once=False)

    (one,) = backtest(editor, **RULES | {"spam_hold_at": 0.8})["differences"]
    assert (one["id"], one["decided"], one["would_decide"]) == (held["id"], "pending", "approved")
    (one,) = backtest(editor, **RULES | {"spam_mark_at": 0.75})["differences"]
    assert (one["id"], one["would_decide"]) == (held["id"], "spam")


class TestTheRulesOfThen:
    """The same rules: whatever has happened to a comment since, nothing differs."""

    @pytest.fixture(autouse=True)
    def differs_in_nothing(self, says, editor):
        yield
        found = backtest(editor, **RULES)
        assert found["checked"] > 1
        assert found["differences"] == []

    def test_do_not_know_who_said_the_same_later(self, says):
        says(SAID, at_once=True)
        says(f"{SAID}!", at_once=False)

    def test_know_who_said_the_same_before_and_has_taken_it_back(self, client, says):
        first = says(SAID, at_once=True)
        says(f"{SAID}!", at_once=False)
        assert by_receipt(client, "DELETE", first).status_code == 204

    def test_know_no_spam_that_was_learned_since(self, editor, says):
        spam = says("cheap viagra pills", at_once=True)
        moderate(editor, spam["id"], status="spam")
        says("cheap viagra pills again", at_once=False)

    def test_know_the_words_that_an_edit_took_out(self, client, says):
        waits = says("I want to die", at_once=False)
        assert by_receipt(client, "PATCH", waits, body="I am fine").status_code == 200

    def test_know_the_personal_data_that_was_taken_out(self, editor, says):
        waits = says("Ask ann@example.org", at_once=False)
        changes = {"status": "approved", "use": "redacted"}
        assert moderate(editor, waits["id"], **changes).status_code == 200

    def test_know_whom_nobody_vouched_for_when_it_was_edited(self, client, editor, says):
        voucher = says("Hello", at_once=True)
        own = says("Again", at_once=True, receipt=voucher["receipt"])
        moderate(editor, voucher["id"], status="spam")
        assert by_receipt(client, "PATCH", own, body="Once more").json["data"]["edit"]
        assert moderate(editor, own["id"], edit="accept").status_code == 200

    def test_know_the_network_that_is_forgotten(self, app, client, says):
        client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        says("Hello", at_once=False)
        with app.app_context(), transaction():
            assert comment_upkeep.forget_origins(utc_now() + timedelta(400)) > 0

    def test_have_never_screened_what_was_imported(self, admin, editor, post, says):
        says("Hello", at_once=True)
        brought = [archived(post, body="A casino"), archived(post, status="spam")]
        sent = building.form(orjson.dumps(brought), "comments.json")
        assert admin.post("/api/v1/manage/comments/import", **sent).status_code == 200
        found = backtest(editor, **RULES)
        assert (found["checked"], found["never_screened"]) == (2, 2)
