"""Comments, and posts with comments, that go while somebody relies on them."""

import pytest

from cms.services import incoming, submitting, threads
from tests.building import ANY
from tests.commenting import approved, send
from tests.interleaving import before_call

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B20")]
MANAGE = "/api/v1/manage"
WHO = "jane@example.org"


@pytest.fixture
def erase(admin):
    return lambda: admin.post(f"{MANAGE}/privacy/erase", json={"email": WHO})


def outcome(answer):
    return answer.status_code, answer.json.get("reason")


def test_what_is_erased_while_staff_answers_is_not_there(app, moderator, post, erase):
    comment_id = approved(moderator, post, author_email=WHO)
    url, said = f"{MANAGE}/comments/{comment_id}/reply", {"body": "Thank you."}

    replied, erased = before_call(
        app, (threads, "lock"), lambda: moderator.post(url, json=said), erase
    )

    # SQLite has one writer: there, the answer is first.
    assert outcome(erased) == (200, None)
    assert outcome(replied) in [(404, "not_found"), (201, None)]
    assert outcome(moderator.post(url, json=said)) in [(404, "not_found"), (409, NOT_APPROVED)]


NOT_APPROVED = "comment_not_approved"


def test_what_two_erase_at_once_is_erased_once(app, moderator, post, erase):
    approved(moderator, post, author_email=WHO)

    answers = before_call(app, (threads, "lock"), erase, erase)

    assert [outcome(one) for one in answers] == [(200, None)] * 2
    assert sorted(one.json["data"]["removed"] for one in answers) == [0, 1]


@pytest.mark.parametrize("called", [(incoming, "screened"), (submitting, "keep")])
def test_a_post_that_is_removed_while_a_reader_comments_is_not_there(
    app, admin, client, post, called
):
    url = f"{MANAGE}/posts/{post['id']}?permanent=true"
    remove = lambda: admin.delete(url, headers=ANY)  # noqa: E731

    sent, removed = before_call(app, called, lambda: send(client, post), remove)

    assert removed.status_code == 200
    # SQLite has one writer: there, who keeps is first.
    assert outcome(sent) in [(404, "not_found"), (202, None)]
    assert outcome(send(client, post)) == (404, "not_found")
