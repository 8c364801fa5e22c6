"""Many comments at once, undo, answers of staff, and FAQs from readers' questions."""

import pytest
from sqlalchemy import select

from cms.extensions import db
from cms.models import Comment, Generation, OutboxEvent
from cms.services import checkup
from tests import building, commenting
from tests.building import NOWHERE
from tests.commenting import approved, by_receipt, leave, moderate, send, thread
from tests.content.hostile import HOSTILE, violations

URL = "/api/v1/manage/comments"


def post_to(who, path, body=None):
    return who.post(f"{URL}/{path}", json=body or {})


def queue(who, query=""):
    return who.get(URL + query).json


def healthy(app):
    with app.app_context():
        return checkup.comment_counters(app.config["CMS"])[0] == checkup.State.OK


def test_many_are_moved_at_once_and_each_is_answered(app, client, editor, moderator, post):
    other = building.published_post(editor)
    first, second = leave(client, post), leave(client, other)
    trashed = leave(client, post)
    moderate(moderator, trashed, status="trashed")
    asked = [second, NOWHERE, first, trashed, first, "no id at all"]

    answer = post_to(moderator, "bulk", {"ids": asked, "status": "approved"})

    assert answer.status_code == 200
    told = [(one["id"], one["status"], one["reason"]) for one in answer.json["data"]]
    assert told == [
        (second, "approved", None),
        (NOWHERE, None, "not_found"),
        (first, "approved", None),
        (trashed, "trashed", "comment_transition"),
        (first, "approved", "doubled_id"),
        ("no id at all", None, "not_found"),
    ]
    assert thread(client, post)["meta"]["total"] == thread(client, other)["meta"]["total"] == 1
    assert healthy(app)


def test_words_that_nobody_has_seen_are_not_moved_along(client, moderator, post):
    switched = send(client, post, body="Harmless").json["data"]
    kept, unnamed = leave(client, post), leave(client, post)
    versions = {one["id"]: one["version"] for one in queue(moderator)["data"]}
    del versions[unnamed]
    by_receipt(client, "PATCH", switched, body="Buy pills")

    asked = {"ids": [switched["id"], kept, unnamed], "status": "approved", "versions": versions}
    told = post_to(moderator, "bulk", asked).json["data"]
    assert [(one["status"], one["reason"]) for one in told] == [
        ("pending", "stale_version"),
        ("approved", None),
        ("approved", None),
    ]
    assert sorted(one["id"] for one in thread(client, post)["data"]) == sorted([kept, unnamed])


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [NOWHERE], "status": "spam", "versions": {NOWHERE: "1"}},
        {"ids": [NOWHERE], "status": "spam", "versions": {NOWHERE: 0}},
        {"ids": [NOWHERE], "status": "spam", "versions": [1]},
        {"ids": [NOWHERE] * 501, "status": "spam"},
        {"ids": [], "status": "spam"},
        {"ids": [NOWHERE], "status": "live"},
        {"ids": [None], "status": "spam"},
        {"ids": [NOWHERE]},
    ],
)
def test_what_is_no_list_of_ids_is_refused(moderator, body):
    assert post_to(moderator, "bulk", body).status_code == 422


def test_counts_follow_every_move(app, client, moderator, editor, post):
    ids = [leave(client, post) for _ in range(5)]
    leave(client, building.published_post(editor))
    for comment_id, status in zip(ids, ["approved", "spam", "rejected", "trashed"], strict=False):
        moderate(moderator, comment_id, status=status)

    meta = queue(moderator, f"?status=spam&status=pending&post={post['slug']}")["meta"]
    assert meta["counts"] == dict.fromkeys(
        ["pending", "approved", "spam", "rejected", "trashed"], 1
    )
    assert (meta["total"], queue(moderator)["meta"]["counts"]["pending"]) == (2, 2)
    assert queue(moderator, "?q=Comment")["meta"]["total"] == 6
    assert healthy(app)


def test_a_move_is_undone_once_and_only_while_nothing_else_happened(app, client, moderator, post):
    comment_id = approved(moderator, post)
    moderate(moderator, comment_id, status="trashed")
    moderate(moderator, comment_id, note="A mistake")
    moved = queue(moderator)["data"][0]["moved"]
    assert (moved["from"], moved["by"]) == ("approved", moderator.user_id)

    undone = post_to(moderator, f"{comment_id}/undo")

    assert (undone.json["data"]["status"], undone.json["data"]["moved"]) == ("approved", None)
    assert thread(client, post)["meta"]["total"] == 1
    assert post_to(moderator, f"{comment_id}/undo").json["reason"] == "nothing_to_undo"
    assert healthy(app)


def test_undo_never_approves_words_that_nobody_read(client, moderator, post):
    given = commenting.send(client, post).json["data"]
    for status in ("approved", "pending"):
        moderate(moderator, given["id"], status=status)
    edited = commenting.by_receipt(client, "PATCH", given, body="Other words")
    assert edited.status_code == 200, edited.json

    refused = post_to(moderator, f"{given['id']}/undo")

    assert (refused.status_code, refused.json["reason"]) == (409, "changed_since_move")


def test_staff_answer_what_is_approved_and_approve_nothing_else(client, moderator, post):
    waiting, root = leave(client, post), approved(moderator, post)
    assert post_to(moderator, f"{waiting}/reply", {"body": "Hm"}).status_code == 409

    made = post_to(moderator, f"{root}/reply", {"body": "Thank *you*."})

    assert (made.status_code, made.json["data"]["author"]["is_staff"]) == (201, True)
    (shown,) = thread(client, post)["data"]
    assert (shown["replies"][0]["author"]["is_staff"], shown["reply_count"]) == (True, 1)
    assert queue(moderator, "?status=pending")["meta"]["total"] == 1


def test_staff_say_the_same_once(client, moderator, post):
    root = approved(moderator, post)
    said = [post_to(moderator, f"{root}/reply", {"body": "Thank you."}) for _ in range(2)]

    assert [one.status_code for one in said] == [201, 409]
    assert said[1].json["reason"] == "duplicate_comment"
    assert queue(moderator)["meta"]["counts"]["approved"] == 2


def test_a_question_becomes_a_draft_that_knows_where_it_came_from(client, editor, post):
    said = "Ann Smith here, ann@example.org: does heat help?"
    comment_id = leave(client, post, author_name="Ann Smith", body=said)

    faq = post_to(editor, f"{comment_id}/faq").json["data"]

    assert (faq["question"], faq["status"]) == ("… here, … does heat help?", "draft")
    assert faq["comment_id"] == comment_id
    assert editor.get(f"{URL}/{comment_id}").json["data"]["faq_id"] == faq["id"]
    assert post_to(editor, f"{comment_id}/faq").json["reason"] == "already_a_faq"


@pytest.mark.threat("B1")
@pytest.mark.thorough
def test_nothing_hostile_is_active_in_answers_and_questions(client, editor, post):
    root = approved(editor, post)
    sendable = [text for text in HOSTILE if text.encode(errors="ignore").decode() == text]
    for number, text in enumerate(sendable):
        made = post_to(editor, f"{root}/reply", {"body": f"{text}\n\n{number}"})
        if made.status_code == 400:
            assert made.json["reason"] == "forbidden_character"
            continue
        assert made.status_code == 201, made.json
        faq = post_to(editor, f"{made.json['data']['id']}/faq")
        assert faq.status_code == 201, faq.json
        assert violations(faq.json["data"]["answer"]["html"]) == []
        assert violations(made.json["data"]["body"]["html"]) == []
    shown = thread(client, post, "?limit=100")["data"][0]["replies"]
    assert len(shown) == 50
    assert [found for one in shown for found in violations(one["body"]["html"])] == []


@pytest.mark.threat("A1")
def test_who_reads_no_contact_data_finds_nobody_by_it(client, sign_in, post):
    leave(client, post, author_email="ann@example.org")
    found = {
        role: [
            sign_in(role).get(f"{URL}?{query}").status_code
            for query in ("email=ann@example.org", "network=127.0.0.0/24", "network=10.0.0.0/24")
        ]
        for role in ("viewer", "author", "moderator")
    }
    assert found == {"viewer": [403] * 3, "author": [403] * 3, "moderator": [200] * 3}
    totals = [queue(sign_in("viewer"), f"?q={q}")["meta"]["total"] for q in ("ann", "127")]
    assert totals == [0, 0]
    assert queue(sign_in("moderator"), "?network=127.0.0.0/24")["meta"]["total"] == 1


# Decisions that give readers another text of a comment that stays approved.
REWORDING = [
    {"edit": "accept"},
    {"use": "redacted"},
    {"use": "redacted", "edit": "refuse"},
]


@pytest.mark.parametrize("decision", REWORDING, ids=str)
def test_other_words_reach_readers_and_receivers(app, client, moderator, post, decision):
    given = commenting.send(client, post, body="Write to ann@example.org, please.").json["data"]
    moderate(moderator, given["id"], status="approved")
    commenting.by_receipt(client, "PATCH", given, body="Or to bob@example.org.")
    before = client.get(commenting.url_of(post)).headers["ETag"]
    with app.app_context():
        generation = db.session.scalar(select(Generation.value))
    assert moderate(moderator, given["id"], **decision).status_code == 200

    assert client.get(commenting.url_of(post)).headers["ETag"] != before
    with app.app_context():
        assert db.session.scalar(select(Generation.value)) > generation
        told = select(OutboxEvent).where(OutboxEvent.type == "comment.updated")
        assert db.session.scalars(told).one().payload["id"] == given["id"]


def test_words_that_a_moderator_let_in_teach(app, client, moderator, post):
    given = commenting.send(client, post).json["data"]
    moderate(moderator, given["id"], status="approved")
    commenting.by_receipt(client, "PATCH", given, body="gamma delta")
    moderate(moderator, given["id"], edit="accept")

    with app.app_context():
        assert db.session.get(Comment, given["id"]).learned == "good"


def test_a_question_loses_a_name_that_ends_in_a_sign(client, editor, post):
    asked = {"author_name": "Ann M.", "body": "I am Ann M. and ask: does it help?"}
    faq = post_to(editor, f"{leave(client, post, **asked)}/faq").json["data"]

    assert faq["question"] == "I am … and ask: does it help?"
