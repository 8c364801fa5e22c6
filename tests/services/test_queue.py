"""The queue: what is urgent first, in pages, and each page by indexes alone."""

import itertools

import pytest
from sqlalchemy import delete, event, text, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentStatus
from cms.services import comment_edits, queue_filters
from cms.times import MILLISECOND, utc_now
from tests import building, commenting

URL = "/api/v1/manage/comments"
BY_ID = {"sqlite_autoindex_comments_1", "pk_comments"}
FLAGS = [None, "crisis", "adverse_event"]
EDIT = dict.fromkeys(comment_edits.TEXT, "Another")


@pytest.fixture
def site(app, editor):
    """Two posts with a comment of every status and flag, and what is known of each."""
    posts = [building.published_post(editor) for _ in range(2)]
    made, first = {}, utc_now()
    with app.app_context():
        kinds = list(itertools.product(posts, FLAGS, CommentStatus))
        for at, (post, flag, status) in enumerate(kinds):
            (comment_id,) = commenting.insert_approved(post["id"], 1)
            made[comment_id] = known = {"status": status, "flag": flag, "post_id": post["id"]}
            known |= {"created_at": first + (at * 7 % len(kinds)) * MILLISECOND}
            known |= {"email": f"r{at % 2}@example.org", "network": f"192.0.{at % 3}.0/24"}
            with transaction():
                new = {"shown": status == "approved"}
                db.session.execute(update(Comment).filter_by(id=comment_id).values(known | new))
                if at % 2:
                    comment_edits.propose(comment_id, EDIT, [], first)
            known["has_edit"] = bool(at % 2)
    return posts, made


def waits(one):
    return one["status"] == "pending" or (one["has_edit"] and one["status"] == "approved")


def urgency(one):
    rank = {"crisis": 0, "adverse_event": 1}.get(one["flag"], 2) if waits(one) else 2
    return rank, one["created_at"]


def age(one):
    return one["created_at"]


# A filter, and what it keeps.
FILTERS = {
    "": lambda _: True,
    "status=pending": lambda one: one["status"] == "pending",
    "status=pending&status=spam": lambda one: one["status"] in {"pending", "spam"},
    "flag=crisis": lambda one: one["flag"] == "crisis",
    "flag=crisis&flag=adverse_event&status=pending": lambda one: (
        one["flag"] is not None and waits(one)
    ),
    "flag=crisis&status=pending&status=spam": lambda one: (
        one["flag"] == "crisis" and (waits(one) or one["status"] == "spam")
    ),
    "flag=crisis&status=pending&status=approved": lambda one: (
        one["flag"] == "crisis" and one["status"] in {"pending", "approved"}
    ),
    "flag=crisis&status=pending&post={post}": lambda one: (
        one["flag"] == "crisis" and waits(one) and one["is_first"]
    ),
    "flag=crisis&status=pending&network=192.0.1.0/24": lambda one: (
        one["flag"] == "crisis" and waits(one) and one["network"] == "192.0.1.0/24"
    ),
    "flag=crisis&status=pending&has_edit=true": lambda one: (
        one["flag"] == "crisis" and waits(one) and one["has_edit"]
    ),
    "flag=crisis&status=pending&has_edit=false": lambda one: (
        one["flag"] == "crisis" and one["status"] == "pending" and not one["has_edit"]
    ),
    "post={post}": lambda one: one["is_first"],
    "post={post}&status=pending&status=trashed": lambda one: (
        one["is_first"] and one["status"] in {"pending", "trashed"}
    ),
    "email=r1@example.org": lambda one: one["email"] == "r1@example.org",
    "email=r1@example.org&status=pending&post={post}": lambda one: (
        one["email"] == "r1@example.org" and one["status"] == "pending" and one["is_first"]
    ),
    "network=192.0.1.0/24&flag=crisis": lambda one: (
        one["network"] == "192.0.1.0/24" and one["flag"] == "crisis"
    ),
    "q=comment&status=approved": lambda one: one["status"] == "approved",
    "has_edit=true": lambda one: one["has_edit"],
    "has_edit=false": lambda one: not one["has_edit"],
    "has_edit=true&flag=crisis": lambda one: one["has_edit"] and one["flag"] == "crisis",
    "post=no-such-post": lambda _: False,
}
SORTS = {"": (urgency, 1), "sort=-urgency": (urgency, -1)}
SORTS |= {"sort=created_at": (age, 1), "sort=-created_at": (age, -1)}


def test_an_urgent_edit_of_what_is_public_comes_before_what_is_calm(client, moderator, post):
    calm = commenting.leave(client, post)
    own = commenting.send(client, post, body="Hello").json["data"]
    commenting.moderate(moderator, own["id"], status="approved")
    commenting.by_receipt(client, "PATCH", own, body="I want to die")
    assert paged(moderator, "", "")[0] == [own["id"], calm]
    assert paged(moderator, "flag=crisis&status=pending", "") == ([own["id"]], 1)

    commenting.moderate(moderator, own["id"], edit="refuse")
    assert paged(moderator, "", "")[0] == [calm, own["id"]]
    assert paged(moderator, "flag=crisis&status=pending", "") == ([], 0)


@pytest.mark.parametrize("few", [0, 500])
@pytest.mark.thorough
def test_every_list_is_whole_and_in_order_page_by_page(site, moderator, monkeypatch, few):
    monkeypatch.setattr(queue_filters, "FEW_EDITS", few)
    (first, _), made = site
    for one in made.values():
        one["is_first"] = one["post_id"] == first["id"]
    for (query, keeps), (sort, (key, step)) in itertools.product(FILTERS.items(), SORTS.items()):
        expected = sorted((one for one in made if keeps(made[one])), key=lambda i: key(made[i]))
        found, total = paged(moderator, query.format(post=first["slug"]), sort)
        assert found == expected[::step], (query, sort)
        # Of statuses and posts it is kept by what writes comments, which these rows passed by.
        if query.partition("=")[0] in {"flag", "email", "network", "q", "has_edit"} and (
            "false" not in query
        ):
            assert total == len(expected), query


def paged(moderator, query, sort):
    answer = moderator.get(f"{URL}?limit=4&{query}&{sort}".rstrip("&").replace("&&", "&"))
    assert answer.status_code == 200, answer.json
    found = [one["id"] for one in answer.json["data"]]
    while answer.json["links"]["next"]:
        answer = moderator.get(answer.json["links"]["next"])
        found += [one["id"] for one in answer.json["data"]]
    return found, answer.json["meta"]["total"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.thorough
def test_no_page_sorts_or_reads_a_whole_status(app, site, moderator, sort):
    (first, _), _ = site
    with app.app_context():
        urgent = f"flag=crisis&flag=adverse_event&status=pending&post={first['id']}"
        for query in ("status=pending&status=spam", "flag=crisis", f"post={first['id']}", urgent):
            for plan in plans(app, moderator, f"{URL}?{query}&{sort}".replace("?&", "?")):
                walks = [line for line in plan if "comments" in line]
                assert len(walks) >= 3
                edited = [line for line in walks if any(index in line for index in BY_ID)]
                sorts = [line for line in plan if "TEMP B-TREE" in line or "Sort  (" in line]
                # Of what the walks brought, a page of each; and the few whose edit waits.
                assert len(sorts) <= 1 + len(edited)
                along = set(walks) - set(edited)
                assert all("ix_comments_queue" in line for line in along), walks


def plans(app, moderator, url):
    """How the database walks, for each statement that puts walks together."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if "UNION ALL" in statement and "LIMIT" in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert moderator.get(url.rstrip("&?")).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert asked
    for statement, parameters in asked:
        yield explained(statement, parameters)


def explained(statement, parameters):
    if db.engine.dialect.name == "sqlite":
        found = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        return [row[-1] for row in found]
    # Of so few rows it would read them all.
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    db.session.execute(text("SET LOCAL enable_sort = off"))
    db.session.execute(text("SET LOCAL enable_bitmapscan = off"))
    found = db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return [row[0] for row in found if "Scan" in row[0] or "Sort  (" in row[0]]


@pytest.mark.only_on("postgresql")
def test_a_comment_that_goes_between_two_statements_is_left_out(app, client, moderator, editor):
    post = building.published_post(editor)
    ids = [commenting.leave(client, post) for _ in range(3)]
    with app.app_context():
        engine, gone = db.engine, []

    def remove(_connection, _cursor, statement, *_):
        if not gone and "anon_1" in statement:
            gone.append(statement)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
                other.execute(delete(Comment).where(Comment.id == ids[1]))

    event.listen(engine, "after_cursor_execute", remove)
    try:
        answer = moderator.get(f"{URL}?status=pending")
    finally:
        event.remove(engine, "after_cursor_execute", remove)
    assert gone
    assert [one["id"] for one in answer.json["data"]] == [ids[0], ids[2]]
