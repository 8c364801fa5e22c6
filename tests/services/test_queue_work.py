"""What a page of the queue reads does not grow with what is decided."""

import json

import pytest
from sqlalchemy import event, text, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment
from cms.services import comment_edits
from cms.times import utc_now
from tests import building
from tests.commenting import insert_approved

pytestmark = pytest.mark.thorough

URL = "/api/v1/manage/comments?limit=10"
MORE = 3000
EDIT = dict.fromkeys(comment_edits.TEXT, "Another")
QUERIES = ["", "&flag=crisis&flag=adverse_event&status=pending", "&has_edit=true"]
QUERIES += ["&has_edit=false", "&has_edit=true&flag=crisis"]
SORTS = ["", "&sort=-urgency", "&sort=-created_at"]
LISTS = [query + sort for query in QUERIES for sort in SORTS]


@pytest.fixture
def post(app, editor):
    """A post with comments that were approved though they have a flag; an edit of a few waits."""
    made = building.published_post(editor)
    with app.app_context():
        for one in flagged(made, 200)[::20]:
            with transaction():
                comment_edits.propose(one, EDIT, [], utc_now())
    return made


def test_approved_comments_with_a_flag_cost_nothing(app, moderator, post, row):
    with app.app_context():
        few = {one: work(asked(moderator, one)) for one in learned(LISTS)}
        flagged(post, MORE)
        for one in learned(LISTS):
            with row(one):
                # A tree that is deeper has a page more for each that is looked up.
                assert work(asked(moderator, one)) - few[one] < MORE / 10


@pytest.mark.only_on("postgresql")
def test_edits_are_not_joined_by_a_guess_and_no_workers_count(app, moderator, post, row):
    with app.app_context():
        for one in learned(LISTS):
            page, *totals = [it for it in asked(moderator, one) if "consent" not in it[0]]
            with row(one):
                # Who has none is asked row by row, along the list.
                assert "has_edit=false" in one or "Join" not in plan(*page)
                # An Append of counts is done by workers, as soon as it is thought to cost much.
                assert not any("Append" in plan(*total) for total in totals)


def flagged(post, number):
    ids = insert_approved(post["id"], number)
    with transaction():
        for flag, some in (("crisis", ids[::2]), ("adverse_event", ids[1::2])):
            db.session.execute(update(Comment).where(Comment.id.in_(some)).values(flag=flag))
    return ids


def learned(lists):
    """The lists, once PostgreSQL knows what is in its tables, as large as they need to be: pages
    that tests before this one have left empty count as well.
    """
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM (FULL) comments, comment_edits"))
            connection.execute(text("VACUUM (ANALYZE)"))
    return lists


def asked(moderator, query):
    """The statements about comments of a request for a list, and their values."""
    found = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if "FROM comments" in statement:
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert moderator.get(URL + query).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert found
    return found


def work(statements):
    """Steps of SQLite's machine, or pages that PostgreSQL looks into."""
    count = steps if db.engine.dialect.name == "sqlite" else pages
    return sum(count(*one) for one in statements)


def steps(statement, parameters):
    driver, done = db.session.connection().connection.driver_connection, []
    driver.set_progress_handler(lambda: done.append(1), 1)
    try:
        driver.execute(statement, parameters).fetchall()
    finally:
        driver.set_progress_handler(None, 0)
    return len(done)


def pages(statement, parameters):
    (top,) = json.loads(plan(statement, parameters, "ANALYZE, BUFFERS, "))
    return top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"]


def plan(statement, parameters, more=""):
    explained = f"EXPLAIN ({more}FORMAT JSON) {statement}"
    found = db.session.connection().exec_driver_sql(explained, parameters).scalar()
    return json.dumps(found)
