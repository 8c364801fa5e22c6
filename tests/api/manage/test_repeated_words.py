"""Words that take the place of others are known again where somebody else says them."""

from tests.commenting import by_receipt, leave, moderate, send

URL = "/api/v1/manage/comments"
LONG = "These are words enough to tell a comment by, {}."
NOT_REPEATED = "No other comment says exactly the same."


def are_repeated(client, moderator, post, *bodies):
    sent = [leave(client, post, body=body) for body in bodies]
    of = (moderator.get(f"{URL}/{one}").json["data"]["verdicts"] for one in sent)
    return [NOT_REPEATED not in {one["detail"] for one in verdicts} for verdicts in of]


def test_of_an_edit_that_is_accepted(client, moderator, post):
    own = send(client, post, body=LONG.format("before")).json["data"]
    moderate(moderator, own["id"], status="approved")
    by_receipt(client, "PATCH", own, body=LONG.format("after"))
    moderate(moderator, own["id"], edit="accept")

    said = [LONG.format("before"), LONG.format("after")]
    assert are_repeated(client, moderator, post, *said) == [False, True]


def test_of_the_version_without_personal_data(client, moderator, post):
    written = LONG.format("ann@example.org")
    moderate(moderator, leave(client, post, body=written), use="redacted")

    said = [written, LONG.format("[email]")]
    assert are_repeated(client, moderator, post, *said) == [False, True]
