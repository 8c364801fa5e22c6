"""What a change of a comment does to its thread, to other readers' caches, and to the records."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cms.actor import OPERATOR, READER
from cms.database import transaction
from cms.errors import Conflict, Forbidden
from cms.extensions import db
from cms.models import (
    NEXT_STATUSES,
    AuditEvent,
    Change,
    Comment,
    CommentStatus,
    IdempotencyKey,
    OutboxEvent,
    Thread,
)
from cms.permissions import RULES, allows
from cms.services import idempotency, moderating, threads
from cms.times import utc_now
from tests import commenting
from tests.commenting import approved, insert_approved, leave, moderate

APPROVED = CommentStatus.APPROVED


@pytest.fixture
def context(app):
    with app.app_context():
        yield


@pytest.fixture
def unchained(context):
    """SQLite follows deletions down a thousand levels only; real threads have four."""
    yield
    with transaction():
        db.session.execute(update(Comment).values(parent_id=None))


def now():
    """The database as it is now, not as it was at the last look."""
    db.session.rollback()
    return db.session


def row(comment_id):
    return now().get_one(Comment, comment_id)


def count(post):
    return now().get_one(Thread, post["id"]).approved


def shown(post):
    counted = select(func.count()).select_from(Comment).filter_by(post_id=post["id"], shown=True)
    return now().scalar(counted)


def set_status(comment_id, status):
    with transaction():
        return moderating.moderate(OPERATOR, comment_id, None, {"status": CommentStatus(status)})


def keys_touched():
    return set(now().scalars(select(Change.key)))


def types_sent(comment_id):
    events = now().scalars(select(OutboxEvent).order_by(OutboxEvent.id))
    return [event.type for event in events if event.payload["id"] == comment_id]


@pytest.mark.parametrize("before", CommentStatus)
@pytest.mark.parametrize("after", CommentStatus)
@pytest.mark.thorough
def test_a_comment_moves_only_as_the_table_says(client, context, post, before, after):
    comment_id = leave(client, post)
    with transaction():
        comment = row(comment_id)
        comment.status, comment.shown = before, before is APPROVED
        threads.lock(post["id"]).approved = int(comment.shown)

    if after is before or after in NEXT_STATUSES[before]:
        assert set_status(comment_id, after).status is after
    else:
        with pytest.raises(Conflict, match="can not go"):
            set_status(comment_id, after)
    assert count(post) == shown(post)


def test_the_count_follows_approvals_exactly(client, context, post):
    first, second = leave(client, post), leave(client, post)
    counts = []
    for comment_id, status in [
        (first, "approved"),
        (first, "approved"),
        (second, "spam"),
        (second, "approved"),
        (first, "trashed"),
        (second, "pending"),
    ]:
        set_status(comment_id, status)
        counts.append(count(post))
    assert counts == [1, 1, 1, 2, 1, 0]


def places(post):
    """How many comments readers may read, and how many have a place in the thread."""
    return count(post), shown(post)


def test_what_is_removed_keeps_its_place_while_replies_are_shown(moderator, context, post):
    root = approved(moderator, post)
    reply = approved(moderator, post, parent_id=root)
    deep = approved(moderator, post, parent_id=reply)
    seen = [places(post)]
    for comment_id, status in [
        (root, "rejected"),
        (reply, "trashed"),
        (deep, "spam"),
        (root, "approved"),
        (deep, "approved"),
        (reply, "pending"),
    ]:
        set_status(comment_id, status)
        seen.append(places(post))
    assert seen == [(3, 3), (2, 3), (1, 3), (0, 0), (1, 1), (2, 3), (2, 3)]
    assert [row(one).reply_count for one in (root, reply, deep)] == [1, 1, 0]


def test_a_reply_approved_below_what_is_hidden_gives_it_a_place(client, moderator, context, post):
    root = approved(moderator, post)
    reply = leave(client, post, parent_id=root)
    set_status(root, "pending")

    set_status(reply, "approved")
    assert places(post) == (1, 2)
    set_status(root, "approved")
    assert places(post) == (2, 2)


def test_removing_a_comment_takes_all_that_hangs_on_it(client, moderator, context, post):
    root = approved(moderator, post)
    reply = approved(moderator, post, parent_id=root)
    approved(moderator, post, parent_id=reply)
    leave(client, post, parent_id=reply)
    set_status(root, "trashed")
    with transaction():
        found = threads.remove(threads.lock(post["id"]), row(reply))
    assert (found, places(post), row(root).reply_count) == (3, (0, 0), 0)


@pytest.mark.threat("B19")
def test_the_top_of_a_chain_of_three_thousand_goes_and_comes_back(context, post, unchained):
    ids = insert_approved(post["id"], 3_000, chain=True)

    set_status(ids[0], "rejected")
    assert places(post) == (2_999, 3_000)
    set_status(ids[0], "approved")
    assert places(post) == (3_000, 3_000)


def test_a_thread_without_a_row_gets_one(client, context, post):
    comment_id = leave(client, post)
    with transaction():
        db.session.delete(db.session.get_one(Thread, post["id"]))

    set_status(comment_id, "approved")
    assert count(post) == 1


def test_a_waiting_comment_touches_nothing_that_readers_see(client, moderator, context, post):
    before = keys_touched()
    comment_id = leave(client, post)
    set_status(comment_id, "spam")
    moderate(moderator, comment_id, note="An advertisement")
    assert keys_touched() == before


@pytest.mark.parametrize("statuses", [["approved"], ["approved", "rejected"]])
def test_what_readers_see_is_touched_when_it_changes(client, context, post, statuses):
    comment_id = leave(client, post)
    for status in statuses:
        with transaction():
            db.session.query(Change).delete()
        set_status(comment_id, status)
        assert keys_touched() == {f"comments:{post['id']}", f"post:{post['id']}"}


def test_events_carry_ids_and_nothing_else(client, context, post):
    comment_id = leave(client, post)
    for status in ("approved", "approved", "rejected"):
        set_status(comment_id, status)

    expected = ["comment.submitted", "comment.approved", "comment.moderated"]
    assert types_sent(comment_id) == expected
    payloads = db.session.scalars(select(OutboxEvent.payload)).all()
    ours = [one for one in payloads if one["id"] == comment_id]
    assert ours == [{"id": comment_id, "post_id": post["id"]}] * 3


def test_the_audit_log_names_fields_and_no_words(client, moderator, context, post):
    comment_id = leave(client, post)
    moderate(moderator, comment_id, status="spam", note="An advertisement")

    events = now().scalars(select(AuditEvent).filter_by(object_id=comment_id))
    told = [(one.action, one.actor_id, one.via.split(":")[0], one.fields) for one in events]
    assert sorted(told) == [
        ("comment.moderated", moderator.user_id, "token", ["note", "status"]),
        ("comment.submitted", None, "reader", []),
    ]


def test_a_reader_may_do_nothing_that_is_in_the_table():
    assert not any(allows(READER, action) for action in RULES)


def test_a_reader_can_not_moderate(client, context, post):
    comment_id = leave(client, post)
    with pytest.raises(Forbidden), transaction():
        moderating.moderate(READER, comment_id, None, {"status": APPROVED})


def test_parallel_approvals_keep_the_count_exact(app, context, post):
    ids = [leave(app.test_client(), post) for _ in range(8)]

    def approve(comment_id):
        with app.app_context():
            set_status(comment_id, "approved")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(approve, ids * 2))
    assert (count(post), shown(post)) == (8, 8)


def test_a_root_and_its_reply_approved_in_parallel_are_both_counted(app, context, post):
    for _ in range(4):
        root = commenting.approved_by_operator(app, post)
        reply = leave(app.test_client(), post, parent_id=root)
        set_status(root, "pending")

        def approve(comment_id):
            with app.app_context():
                set_status(comment_id, "approved")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(approve, [root, reply]))
        assert count(post) == shown(post)


def test_keys_older_than_a_day_are_forgotten(client, context, post):
    with transaction():
        db.session.add(
            IdempotencyKey(key="x", request="y", comment_id=None, created_at=_two_days_ago())
        )
    commenting.send(client, post, key="new")
    with transaction():
        assert idempotency.sweep(utc_now()) == 1
    keys = now().scalars(select(IdempotencyKey.key)).all()
    assert len(keys) == 1
    assert "x" not in keys


def _two_days_ago():
    return commenting.utc_now() - timedelta(days=2)
