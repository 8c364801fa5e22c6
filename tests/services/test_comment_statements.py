"""Threads, feeds and numbers of comments: each statement walks along one index, in its order."""

import json

import pytest
from sqlalchemy import text, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment
from cms.reading import reader
from cms.services import published
from cms.services.delivery.comment_feeds import _counts, newest
from cms.services.delivery.thread_statements import below, first_roots, replies_of, tops
from tests import building
from tests.building import NOWHERE
from tests.commenting import insert_approved

pytestmark = pytest.mark.thorough

BY_ID = {"sqlite_autoindex_comments_1", "pk_comments"}
OWNER = "ix_publications_entry_id_past_visible_from"
# What may be entered for each statement, of comments.
STATEMENTS = {
    "site feed": (newest(of_post=False, every_locale=True, after=False), {"ix_comments_newest"}),
    "site feed, later": (
        newest(of_post=False, every_locale=False, after=True),
        {"ix_comments_newest"},
    ),
    "feed of a post": (
        newest(of_post=True, every_locale=False, after=False),
        {"ix_comments_newest_of_post"},
    ),
    "feed of a post, later": (
        newest(of_post=True, every_locale=False, after=True),
        {"ix_comments_newest_of_post"},
    ),
    "thread": (tops(descending=False, answers=False, after=False), {"ix_comments_thread"}),
    "thread, later": (tops(descending=False, answers=False, after=True), {"ix_comments_thread"}),
    "thread, newest": (tops(descending=True, answers=False, after=True), {"ix_comments_thread"}),
    "answers": (tops(descending=False, answers=True, after=True), {"ix_comments_answers"}),
    "what is below roots": (below("root_id", 4), {"ix_comments_below"} | BY_ID),
    "what is below answers": (below("parent_id", 4), {"ix_comments_answers"} | BY_ID),
    "threads of a list": (first_roots(4), {"ix_comments_thread"}),
    "number of answers": (replies_of(), BY_ID),
    # Kept beside each thread: no comment is looked at.
    "numbers of some posts": (_counts(4), set()),
}

# Before and after every comment: a page that is empty would be found by any index.
EARLY, LATE = "2000-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"
FORWARD = {"thread, later", "answers"}


@pytest.fixture
def site(app, editor):
    """Posts with comments: some with answers, and many that nobody has approved."""
    posts = [building.published_post(editor) for _ in range(10)]
    with app.app_context():
        for post in posts:
            ids = commented(post["id"])
        if db.engine.dialect.name != "sqlite":
            with db.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("ANALYZE"))
    return posts[-1], ids


def commented(post_id):
    ids = insert_approved(post_id, 120)
    with transaction():
        for root, first in zip(ids[:10], range(10, 60, 5), strict=True):
            below = {"parent_id": root, "root_id": root, "depth": 1}
            theirs = update(Comment).where(Comment.id.in_(ids[first : first + 5]))
            db.session.execute(theirs.values(below))
        waits = update(Comment).where(Comment.id.in_(ids[80:]))
        db.session.execute(waits.values(status="pending", shown=False))
    return ids


def test_no_statement_sorts_or_reads_what_it_does_not_show(app, site, row):
    with app.app_context():
        for name, (statement, indexes) in STATEMENTS.items():
            with row(name):
                after = EARLY if name in FORWARD else LATE
                comments, publications, sorts = accesses(statement, *site, after)
                assert (comments <= indexes, sorts) == (True, 0), (comments, sorts)
                assert bool(comments) == bool(indexes)
                # Of each comment's post, by its id. Of ten posts PostgreSQL reads as it likes.
                if reader().is_sqlite and not name.startswith("numbers"):
                    assert publications <= {OWNER}


def accesses(statement, post, ids, after):
    """What is entered of comments and of publications, and how often something is sorted."""
    written = reader().compiled(statement)
    known = {"post": post["id"], "parent": ids[0], "limit": 21, "locale": "en"}
    known |= {"now": LATE, "after_at": after, "after_id": NOWHERE}
    known |= published.padded("top", ids[:4]) | published.padded("post", [post["id"]])
    connection = reader()._driver.connect()
    try:
        walk = on_sqlite if reader().is_sqlite else on_postgresql
        return walk(connection, written.sql, written.given(known))
    finally:
        connection.close()


def on_sqlite(connection, sql, values):
    lines = [one[-1] for one in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    found = {"comments": set(), "publications": set()}
    for line in lines:
        kind, _, rest = line.partition(" ")
        table = rest.partition(" ")[0].rstrip("_0123456789")
        if kind in ("SEARCH", "SCAN") and table in found:
            name = line.partition("INDEX ")[2].partition(" ")[0]
            found[table].add(name or line)
    return *found.values(), sum("TEMP B-TREE" in line for line in lines)


def on_postgresql(connection, sql, values):
    # Of so few rows it would read them all, and sort them.
    for way in ("seqscan", "sort", "bitmapscan"):
        connection.execute(f"SET enable_{way} = off")
    (answer,) = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", values).fetchone()
    nodes = list(walked(answer if isinstance(answer, list) else json.loads(answer)))
    found = [
        {one.get("Index Name", "all") for one in nodes if is_of(one, table)}
        for table in ("comments", "publications")
    ]
    return *found, sum("Sort" in one["Node Type"] for one in nodes)


def is_of(node, table):
    name = node.get("Relation Name") or node.get("Index Name") or ""
    return name == table or name.startswith((f"ix_{table}", f"pk_{table}"))


def walked(node):
    if isinstance(node, list):
        for one in node:
            yield from walked(one)
    elif isinstance(node, dict):
        if "Node Type" in node:
            yield node
        yield from walked(list(node.values()))
