"""What is removed from a long thread costs what it costs in a short one."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentStatus, Thread
from cms.services import batches, comment_upkeep, privacy, threads
from cms.times import utc_now
from tests import building
from tests.commenting import insert_approved

WHO = "jane@example.org"
NUMBER = 25


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def answers_of_one(post_id, others, **fields):
    """A comment with many answers, the last of them by one address."""
    first, *ids = insert_approved(post_id, 1 + others + NUMBER)
    below = {"parent_id": first, "root_id": first, "depth": 1}
    with transaction():
        db.session.execute(update(Comment).where(Comment.id != first).values(below))
        counted = update(Comment).where(Comment.id == first)
        db.session.execute(counted.values(reply_count=len(ids)))
        last = update(Comment).where(Comment.id.in_(ids[others:]))
        db.session.execute(last.values({"email": WHO} | fields))
        # Its numbers are counted anew.
        db.session.execute(delete(Thread))


def left():
    db.session.rollback()
    return db.session.scalars(select(Comment.id).filter_by(email=WHO)).all()


def erase():
    with transaction():
        return privacy.erase(OPERATOR, WHO)


@pytest.mark.thorough
@pytest.mark.threat("B19")
def test_some_are_erased_from_five_thousand_as_soon_as_from_ten(context, editor):
    def seconds(others):
        answers_of_one(building.published_post(editor)["id"], others)
        begun = time.process_time()
        while left():
            erase()
        return time.process_time() - begun

    seconds(10)
    few, many = seconds(10), seconds(5_000)

    assert many < 3 * few, (many, few)


def test_one_removal_takes_along_all_levels_below(context, post):
    answers_of_one(post["id"], 3)
    first = db.session.scalar(select(Comment).filter_by(parent_id=None))

    with transaction():
        number = threads.remove(threads.lock(post["id"]), first)

    assert (number, left()) == (4 + NUMBER, [])


class TestOthersWriteMeanwhile:
    """Where the time of a part is up, the rest is left for the next one."""

    @pytest.fixture(autouse=True)
    def no_time(self, monkeypatch):
        monkeypatch.setattr(batches, "SECONDS", 0)

    def test_while_an_address_is_erased(self, app, context, admin, post):
        answers_of_one(post["id"], 0)

        assert erase().has_more
        assert len(left()) == NUMBER - 1
        with app.app_context():
            told = admin.post("/api/v1/manage/privacy/erase", json={"email": WHO}).json["data"]
        assert (told["removed"], left()) == (NUMBER - 1, [])

    def test_others_words_are_looked_through_once(self, app, context, admin, post, count_queries):
        answers_of_one(post["id"], 0)

        with app.app_context(), count_queries() as statements:
            admin.post("/api/v1/manage/privacy/erase", json={"email": WHO})

        assert len([one for one in statements if "LIKE" in one]) == 1
        assert len([one for one in statements if one.startswith("DELETE FROM comments")]) == NUMBER

    def test_while_spam_is_purged(self, app, context, post):
        answers_of_one(post["id"], 0, status=CommentStatus.SPAM, shown=False)
        later = utc_now() + timedelta(days=app.config["CMS"].comment_purge_days + 1)

        with transaction():
            assert comment_upkeep.purge(later) == 1
        assert len(left()) == NUMBER - 1
