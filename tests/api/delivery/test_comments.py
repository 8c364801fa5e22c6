"""What a stranger can read of comments, and what it costs."""

import pytest
from sqlalchemy import update

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment
from cms.reading import Reader, reader
from cms.services.delivery.thread_statements import below, tops
from tests import building
from tests.commenting import approved, insert_approved, leave, moderate, thread, url_of

REFUSED = (
    "total=maybe sort=email sort=status status=pending email=a@b.org parent=x limit=0 limit=101"
)
REFUSED += " locale=de locale=* q=x"


@pytest.fixture
def unchained(app):
    """SQLite follows deletions down a thousand levels only; real threads have four."""
    yield
    with app.app_context(), transaction():
        db.session.execute(update(Comment).values(parent_id=None))


@pytest.fixture
def statements(monkeypatch):
    """How many statements public reads have cost, but for what is asked before any answer."""
    seen, fetch = [], Reader._fetch

    def counted(reader, sql, given, anew):
        if "now" in given or "after" not in given:
            seen.append(sql)
        return fetch(reader, sql, given, anew)

    monkeypatch.setattr(Reader, "_fetch", counted)
    monkeypatch.setattr("cms.services.changes.flips_after", lambda *_: [])
    return seen


def row(app, comment_id):
    with app.app_context():
        return db.session.get_one(Comment, comment_id)


def ids(page):
    return [one["id"] for one in page["data"]]


def every_comment(comments):
    for one in comments:
        yield one
        yield from every_comment(one["replies"])


class TestReading:
    def test_an_approved_comment_is_shown_whole(self, client, moderator, post):
        said = {"author_name": "Ann", "author_url": "https://ann.example", "body": "One\n\ntwo"}
        comment_id = approved(moderator, post, **said)

        (one,) = thread(client, post)["data"]
        assert one["author"].pop("avatar_seed")
        assert one.pop("created_at").endswith("Z")
        assert one == {
            "id": comment_id,
            "parent_id": None,
            "author": {"name": "Ann", "url": "https://ann.example", "is_staff": False},
            "body": {"html": "<p>One</p><p>two</p>", "text": "One\n\ntwo"},
            "edited_at": None,
            "removed": False,
            "withdrawn": False,
            "reply_count": 0,
            "replies": [],
            "links": {"replies": None},
        }

    @pytest.mark.parametrize("status", ["pending", "spam", "rejected", "trashed"])
    def test_a_comment_in_any_other_status_is_not(self, client, moderator, post, status):
        comment_id = approved(moderator, post)
        moderate(moderator, comment_id, status=status)
        answer = thread(client, post)
        assert (answer["data"], answer["meta"]["total"]) == ([], 0)

    @pytest.mark.threat("C1")
    def test_one_writer_has_one_seed_in_every_spelling(self, client, moderator, post):
        for email in ("ann@example.org", "Ann@Example.ORG", "bob@example.org"):
            approved(moderator, post, author_email=email)
        seeds = [one["author"]["avatar_seed"] for one in thread(client, post)["data"]]
        assert seeds[0] == seeds[1] != seeds[2]

    def test_the_oldest_comes_first_unless_asked_otherwise(self, client, moderator, post):
        made = [approved(moderator, post) for _ in range(3)]
        assert ids(thread(client, post)) == made
        assert ids(thread(client, post, "?sort=-created_at")) == made[::-1]

    @pytest.mark.parametrize("sort", ["created_at", "-created_at"])
    def test_pages_hold_every_root_once(self, app, client, post, sort):
        with app.app_context():
            made = insert_approved(post["id"], 5)
        page, found = thread(client, post, f"?limit=2&sort={sort}"), []
        while True:
            found += ids(page)
            if page["links"]["next"] is None:
                break
            page = client.get(page["links"]["next"]).json
        assert found == (made if sort == "created_at" else made[::-1])

    def test_a_cursor_is_good_for_its_own_list_alone(self, app, client, post, editor):
        with app.app_context():
            made = insert_approved(post["id"], 2)
        cursor = thread(client, post, "?limit=1")["meta"]["next_cursor"]
        other = building.published_post(editor)
        for url in (f"{url_of(post)}?sort=-created_at&", f"{url_of(other)}?"):
            answer = client.get(f"{url}cursor={cursor}")
            assert (answer.status_code, answer.json["reason"]) == (400, "bad_cursor")
        assert client.get(f"{url_of(post)}?parent={made[0]}&cursor={cursor}").status_code == 400

    @pytest.mark.parametrize("query", REFUSED.split())
    def test_what_can_not_be_asked_is_refused_by_name(self, client, post, query):
        answer = client.get(f"{url_of(post)}?{query}")
        assert answer.status_code == 400
        assert answer.json["errors"][0]["pointer"] == query.partition("=")[0]

    def test_an_answer_is_known_by_its_etag_until_a_comment_is_approved(
        self, client, moderator, post
    ):
        known = {"If-None-Match": client.get(url_of(post)).headers["ETag"]}
        leave(client, post)
        assert client.get(url_of(post), headers=known).status_code == 304
        approved(moderator, post)
        assert client.get(url_of(post), headers=known).status_code == 200

    def test_a_post_counts_and_can_include_its_thread(self, client, moderator, post):
        root = approved(moderator, post)
        approved(moderator, post, parent_id=root)
        url = f"/api/v1/posts/{post['slug']}"
        assert client.get(url).json["data"]["comments"] == {"open": True, "count": 2}
        included = client.get(f"{url}?include=comments&fields=title").json["data"]
        assert set(included) == {"title", "comments"}
        assert included["comments"]["items"] == thread(client, post)["data"]


class TestReplies:
    def test_replies_stand_inside_what_they_answer(self, client, moderator, post):
        root = approved(moderator, post)
        first = approved(moderator, post, parent_id=root)
        deep = approved(moderator, post, parent_id=first)
        second = approved(moderator, post, parent_id=root)

        answer = thread(client, post)
        (shown,) = answer["data"]
        assert ids({"data": shown["replies"]}) == [first, second]
        assert ids({"data": shown["replies"][0]["replies"]}) == [deep]
        assert [one["reply_count"] for one in every_comment([shown])] == [2, 1, 0, 0]
        assert answer["meta"]["total"] == 4

    def test_a_reply_below_the_last_level_joins_it(self, app, moderator, post):
        above, depths = None, []
        for _ in range(6):
            above = approved(moderator, post, **({"parent_id": above} if above else {}))
            depths.append(row(app, above).depth)
        assert depths == [0, 1, 2, 3, 3, 3]
        last = row(app, above)
        assert last.root_id is not None
        assert row(app, last.parent_id).depth == 2

    def test_fifty_are_at_hand_and_a_link_leads_to_the_rest(self, client, app, post):
        with app.app_context():
            root, *made = insert_approved(post["id"], 61)
            with transaction():
                below = update(Comment).where(Comment.id.in_(made))
                db.session.execute(below.values(parent_id=root, root_id=root, depth=1))
                db.session.execute(update(Comment).filter_by(id=root).values(reply_count=60))
        (shown,) = thread(client, post)["data"]
        rest = client.get(shown["links"]["replies"]).json
        assert (shown["reply_count"], ids({"data": shown["replies"]})) == (60, made[:50])
        assert (ids(rest), rest["meta"]["total"]) == (made[50:], 60)

    def test_the_replies_of_one_comment_can_be_listed(self, client, moderator, post):
        root = approved(moderator, post)
        reply = approved(moderator, post, parent_id=root)
        deep = approved(moderator, post, parent_id=reply)
        (shown,) = thread(client, post, f"?parent={root}")["data"]
        assert (shown["id"], ids({"data": shown["replies"]})) == (reply, [deep])
        assert ids(thread(client, post, f"?parent={reply}")) == [deep]

    def test_a_list_of_replies_counts_those_of_its_comment(self, client, moderator, post):
        root, _ = approved(moderator, post), approved(moderator, post)
        reply = approved(moderator, post, parent_id=root)
        approved(moderator, post, parent_id=reply)
        queries = "", f"?parent={root}&limit=1", f"?parent={reply}", f"?parent={building.NOWHERE}"
        totals = [thread(client, post, query)["meta"]["total"] for query in queries]
        assert totals == [4, 1, 1, 0]

    def test_replies_to_what_readers_do_not_see_are_not_listed(
        self, client, moderator, post, editor
    ):
        root = approved(moderator, post)
        approved(moderator, post, parent_id=root)
        other = building.published_post(editor)
        assert ids(thread(client, other, f"?parent={root}")) == []

    def test_of_a_removed_comment_its_place_alone_is_left(self, client, moderator, post):
        root = approved(moderator, post, body="Secret", author_url="https://secret.example")
        reply = approved(moderator, post, parent_id=root)
        seed = thread(client, post)["data"][0]["author"]["avatar_seed"]
        moderate(moderator, root, status="spam")
        answer = thread(client, post)
        (place,) = answer["data"]
        assert (place["id"], place["removed"], place["withdrawn"]) == (root, True, False)
        assert (place["body"], place["author"]["name"]) == ({"html": "", "text": ""}, None)
        assert (place["author"]["url"], place["author"]["avatar_seed"] != seed) == (None, True)
        assert (ids({"data": place["replies"]}), answer["meta"]["total"]) == ([reply], 1)
        assert ids(thread(client, post, f"?parent={root}")) == [reply]
        moderate(moderator, reply, status="trashed")
        assert thread(client, post)["data"] == []

    def test_an_administrator_says_how_many_levels_there_are(self, app, moderator, admin, post):
        root = approved(moderator, post)
        deep = approved(moderator, post, parent_id=approved(moderator, post, parent_id=root))
        for levels, expected in ((2, (1, root)), (1, (0, None)), (None, (3, deep))):
            said = {"comment_levels": levels}
            answer = admin.patch("/api/v1/manage/settings", json=said, headers=building.ANY)
            assert answer.json["data"]["comment_levels"] == levels
            reply = row(app, approved(moderator, post, parent_id=deep))
            assert (reply.depth, reply.parent_id) == expected
        for levels in (0, 11, "4", True, 1.5):
            said = {"comment_levels": levels}
            answer = admin.patch("/api/v1/manage/settings", json=said, headers=building.ANY)
            assert answer.status_code == 422


@pytest.mark.threat("B19")
@pytest.mark.thorough
class TestCost:
    def test_a_page_costs_the_same_statements_whatever_its_size(
        self, client, moderator, post, statements
    ):
        approved(moderator, post, parent_id=approved(moderator, post))
        del statements[:]
        thread(client, post)
        one = len(statements)
        for _ in range(4):
            approved(moderator, post, parent_id=approved(moderator, post))
        del statements[:]
        assert len(thread(client, post)["data"]) == 5
        assert len(statements) == one <= 4

    @pytest.mark.usefixtures("unchained")
    @pytest.mark.parametrize("chain", [True, False])
    def test_ten_thousand_comments_cost_no_more(self, app, client, post, statements, chain):
        with app.app_context():
            made = insert_approved(post["id"], 10_000, chain=chain)
        del statements[:]
        answer = thread(client, post, "?limit=100")
        assert len(statements) <= 4
        assert answer["meta"]["total"] == 10_000
        assert len(list(every_comment(answer["data"]))) == (51 if chain else 100)
        assert ids(thread(client, post, f"?parent={made[0]}")) == (made[1:2] if chain else [])

    def test_a_page_is_found_by_an_index_in_order(self, app, post):
        with app.app_context():
            known = {"post": post["id"], "parent": "", "limit": 3, "top_0": post["id"]}
            known |= {f"top_{n}": "" for n in range(1, 4)}
            for statement in (
                tops(descending=False, answers=False, after=False),
                tops(descending=True, answers=True, after=False),
                below("root_id", 4),
            ):
                written = reader().compiled(statement)
                if reader().is_sqlite:
                    asked = (f"EXPLAIN QUERY PLAN {written.sql}", written.given(known))
                    plan = reader()._fetch(*asked, anew=False)
                    assert "USE TEMP B-TREE" not in str(plan)
                    assert "USING INDEX ix_comments" in str(plan)
