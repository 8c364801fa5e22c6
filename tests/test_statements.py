"""What a request costs the database: how many statements, and by which indexes."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Base, Kind, Publication, Tag
from cms.reading import Reader, reader
from cms.services import beside
from cms.services.delivery.naming import SOURCES
from cms.times import MILLISECOND
from tests import building, commenting

pytestmark = pytest.mark.thorough

PUBLIC = ["/posts", "/posts?tag={tag}&tag=x", "/posts?category={category}&author={author}"]
PUBLIC += ["/posts?locale=*&sort=title&total=true", "/posts?body=html,markdown&fields=title,body"]
PUBLIC += ["/posts/{post}/related", "/posts/{post}/faqs", "/posts/{post}/comments"]
PUBLIC += ["/faqs", "/faqs?tag={tag}&total=true", "/faqs?post={post}", "/faqs/{faq}"]
PUBLIC += ["/comments/counts?post={post}", "/comments.json", "/posts/{post}/comments.atom"]
PUBLIC += ["/posts/{post}/history", "/feed.rss?tag={tag}&limit=1", "/sitemap.xml"]
PUBLIC += ["/tags", "/categories?total=true", "/authors"]
PUBLIC += ["/posts?include=related", "/posts?include=comments", "/posts?include=related,comments"]
MANAGEMENT = ["/manage/posts", "/manage/posts?tag={tag}&total=true", "/manage/faqs"]
MANAGEMENT += ["/manage/posts?review_due_before=2040-01-01"]
MANAGEMENT += ["/manage/tags", "/manage/categories", "/manage/authors", "/manage/users"]
MANAGEMENT += ["/manage/media?unused=true&total=true", "/manage/comments", "/auth/tokens?user_id=*"]
PAST_ROWS = 400


@pytest.fixture
def reads(monkeypatch) -> Callable:
    """`with reads() as statements:` collects what the public path asks, and with what."""
    original = Reader.rows
    collectors: list[list] = []

    def rows(self, statement, parameters):
        for collector in collectors:
            collector.append((statement, parameters))
        return original(self, statement, parameters)

    monkeypatch.setattr(Reader, "rows", rows)

    @contextmanager
    def collecting():
        collectors.append([])
        yield collectors[-1]
        collectors.pop()

    return collecting


class Site:
    """A site that can grow: one more of everything, each named by the others."""

    def __init__(self, admin):
        self.admin = admin
        self.names: dict[str, str] = {}
        self.first: dict[str, str] = {}
        self.posts: list[str] = []
        self.faqs: list[str] = []

    def grow(self) -> None:
        tag, category, author = (
            make(self.admin) for make in (building.tag, building.category, building.author)
        )
        self.names = self.names or {"tag": tag, "category": category, "author": author}
        filed = {"tag_ids": [self.names["tag"]["id"]]}
        faq = building.published_faq(self.admin, **filed)
        building.media(self.admin)
        filed |= {"hero_media_id": building.media(self.admin)["id"]}
        filed |= {"category_id": self.names["category"]["id"]}
        filed |= {"author_ids": [self.names["author"]["id"]]}
        post = building.published_post(self.admin, **filed)
        self.names = {"post": post, "faq": faq} | self.names
        self.posts.append(post["id"])
        self.faqs.append(faq["id"])
        with self.admin.application.app_context():
            commenting.insert_approved(self.posts[0], 1)
            commenting.insert_approved(post["id"], 2, chain=True)
        building.signed_in(self.admin.application, "viewer")

    def link(self) -> None:
        """Let the first post show all FAQs, and all other posts beside it."""
        url = f"/api/v1/manage/posts/{self.posts[0]}"
        picks = [{"post_id": one} for one in self.posts[1:]]
        self.admin.put(f"{url}/faqs", json={"faq_ids": self.faqs}, headers=building.ANY)
        self.admin.put(f"{url}/related", json={"related": picks}, headers=building.ANY)
        building.publish(self.admin, self.names["post"])

    def url(self, template: str) -> str:
        slugs = {kind: thing["slug"] for kind, thing in self.names.items()}
        return "/api/v1" + template.format(**slugs)


@pytest.fixture
def site(admin) -> Site:
    site = Site(admin)
    site.grow()
    site.grow()
    site.link()
    return site


def grown(site: Site) -> None:
    for _ in range(18):
        site.grow()
    site.link()


def learnt(site: Site, client) -> None:
    """What was changed is learnt once, with the first answer, and so is each card."""
    client.get(site.url("/posts?limit=100"))


def sizes(site: Site, client, templates, counting) -> dict[str, int]:
    learnt(site, client)
    found = {}
    for template in templates:
        with counting() as statements:
            response = client.get(site.url(template))
        assert response.status_code == 200, response.json
        found[template] = len(statements)
    return found


def test_public_lists_ask_as_often_for_twenty_as_for_two(site, client, reads):
    before = sizes(site, client, PUBLIC, reads)
    grown(site)

    assert sizes(site, client, PUBLIC, reads) == before
    assert max(before.values()) <= 6


def test_management_lists_ask_as_often_for_twenty_as_for_two(site, admin, count_queries):
    before = sizes(site, admin, MANAGEMENT, count_queries)
    grown(site)

    assert sizes(site, admin, MANAGEMENT, count_queries) == before
    assert max(before.values()) <= 10


def test_public_reads_send_nothing_through_the_orm(site, client, count_queries):
    assert set(sizes(site, client, PUBLIC, count_queries).values()) == {0}


def test_a_post_by_its_slug_takes_one_statement(site, client, reads):
    learnt(site, client)
    with reads() as statements:
        client.get(site.url("/posts/{post}"))

    assert len(statements) == 1


@pytest.mark.parametrize(("path", "most"), [("/posts", 2), ("/posts?include=related", 5)])
def test_cards_are_made_by_one_statement_for_all(site, client, reads, path, most):
    """And by one for each kind of what they name."""
    client.get(site.url("/site"))
    with reads() as statements:
        client.get(site.url(path))

    assert len(statements) <= most + len(SOURCES)


@pytest.mark.parametrize(
    "path", ["/posts?tag=", "/posts?category=", "/posts?author=", "/faqs?post="]
)
def test_a_filter_of_twenty_values_asks_as_often_as_of_one(site, client, reads, path):
    learnt(site, client)
    url, name = f"/api/v1{path}{{{path.split('?')[1][:-1]}}}", path.split("?")[1]
    many = "".join(f"&{name}other-{n}" for n in range(19))
    found = []
    for template in (url, url + many):
        with reads() as statements:
            answer = client.get(site.url(template.removeprefix("/api/v1")))
        found.append((len(statements), len(answer.json["data"])))

    assert found[0] == found[1]
    assert found[0][0] == 2
    assert found[0][1] > 0


@pytest.fixture
def long_history(site) -> Site:
    """Every entry was published four hundred times before."""
    with site.admin.application.app_context(), transaction():
        for row in db.session.scalars(select(Publication)).all():
            kept = {c.key: getattr(row, c.key) for c in Publication.__mapper__.column_attrs}
            del kept["id"]
            db.session.execute(
                insert(Publication), [kept | past(kept, n) for n in range(PAST_ROWS)]
            )
    if not reader_of(site).is_sqlite:
        with site.admin.application.app_context(), db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return site


def past(row, number: int) -> dict:
    start = row["visible_from"] - timedelta(days=number + 1)
    return {"visible_from": start, "visible_until": start + MILLISECOND, "past": True}


def reader_of(site) -> Reader:
    with site.admin.application.app_context():
        return reader()


def present_indexes() -> set[str]:
    table = Base.metadata.tables["publications"]
    partial = {i.name for i in table.indexes if i.dialect_options["sqlite"]["where"] is not None}
    # This one is entered by `past` as well.
    return partial | {"ix_publications_entry_id_past_visible_from"}


PLANNED = ["/posts/{post}", "/posts", "/posts?tag={tag}", "/posts?sort=title", "/faqs"]
PLANNED += ["/posts?sort=-updated_at", "/posts?category={category}&sort=-published_at"]
PLANNED += ["/posts/{post}/faqs", "/posts/{post}/related", "/faqs?post={post}", "/faqs/{faq}"]
PLANNED += ["/comments/counts?post={post}", "/comments.json?locale=*"]
PLANNED += ["/posts/{post}/comments.json"]
PLANNED += ["/posts/{post}/history", "/feed.json", "/sitemap.xml"]
PLANNED += ["/posts/never-was", "/faqs/never-was", "/posts/never-was/comments"]


def test_no_public_read_walks_through_the_past(long_history, client, reads, row):
    known = present_indexes() | {"PRIMARY KEY", "pk_publications"}
    client.get(long_history.url("/site"))
    for template in PLANNED:
        with reads() as statements:
            answer = client.get(long_history.url(template))

        plans = [plan for one in statements for plan in plan_of(reader_of(long_history), *one)]

        with row(template):
            assert answer.status_code == (404 if "never" in template else 200)
            assert plans
            assert {index for index, _ in plans} <= known
            assert [line for index, line in plans if not entered_by_past(index, line)] == []


# Whoever enters by these alone walks through all that is of one kind.
WHOLE_KIND = re.compile(r"\(kind=\?( AND locale=\?)?\)")
NAMED = ["/sync?since={since}", "/comments.json?locale=*", "/posts/{post}/comments.atom"]
NAMED += ["/posts/{post}", "/posts/{post}/comments", "/posts/{post}/related?limit=20"]
NAMED += ["/posts?slug={post}", "/posts?slug={post}&sort=title&tag={tag}"]
NAMED += ["/posts?updated_after=2039-01-01T00:00:00Z", "/posts?total=true", "/tags"]
NAMED += ["/posts?published_before=2001-01-01T00:00:00Z&sort=title&category={category}"]


def test_what_is_named_is_found_without_a_walk_through_the_rest(site, client, reads):
    since = client.get("/api/v1/sync?limit=100").json["meta"]["next"]
    building.corrected(site.admin, site.posts[0], title="Changed")
    site.names |= {"since": {"slug": since}}
    with reads() as statements:
        for template in NAMED:
            assert client.get(site.url(template)).status_code == 200, template

    plans = [plan for one in statements for plan in plan_of(reader_of(site), *one)]

    assert plans
    assert [line for _, line in plans if WHOLE_KIND.search(line)] == []


def test_what_is_beside_a_post_is_found_by_its_id(long_history, client, reads):
    post = long_history.posts[1]
    with reads() as statements, long_history.admin.application.app_context():
        beside.keys(reader(), Kind.POST, post, None, "2999-01-01T00:00:00.000Z")

    known = reader_of(long_history)
    first = next(index for one in statements for index, _ in plan_of(known, *one))

    assert first == "ix_publications_entry_id_past_visible_from"


def entered_by_past(index: str, line: str) -> bool:
    return "past" not in index or bool(re.search("past ?=", line))


def plan_of(known: Reader, statement, parameters) -> list[tuple[str, str]]:
    """`(index, how it is entered)` of every access to publications."""
    written = known.compiled(statement)
    sql, values = written.sql, written.given(parameters)
    connection = known._driver.connect()
    try:
        if known.is_sqlite:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            return [sqlite_access(row[-1]) for row in rows if " publications" in row[-1]]
        connection.execute("SET enable_seqscan = off")
        (answer,) = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", values).fetchone()
        return list(postgresql_accesses(answer if isinstance(answer, list) else json.loads(answer)))
    finally:
        connection.close()


def sqlite_access(line: str) -> tuple[str, str]:
    found = re.search(
        r"SEARCH publications\w* USING (?:COVERING )?(?:INTEGER )?(?:INDEX )?"
        r"(PRIMARY KEY|\w+)",
        line,
    )
    return (found[1] if found else line, line)


def postgresql_accesses(node) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for one in node:
            yield from postgresql_accesses(one)
    elif isinstance(node, dict):
        if "Index Name" in node and "publications" in (
            node.get("Relation Name") or node["Index Name"]
        ):
            if not node["Index Name"].endswith(("links", "terms", "counts", "terms_listing")):
                yield node["Index Name"], str(node.get("Index Cond"))
        elif node.get("Relation Name") == "publications" and node["Node Type"] == "Seq Scan":
            yield "Seq Scan", str(node)
        yield from postgresql_accesses(list(node.values()))


PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM tags%'")


@pytest.mark.only_on("postgresql")
class TestPreparedStatements:
    def test_what_only_reads_keeps_them(self, app):
        with app.app_context():
            for _ in range(7):
                db.session.scalars(select(Tag)).all()
                db.session.rollback()

            assert db.session.scalar(PREPARED) >= 1

    def test_what_has_written_is_undone(self, app, editor):
        tag = building.tag(editor, name="Heat")
        with app.app_context():
            db.session.execute(update(Tag).where(Tag.id == tag["id"]).values(name="Cold"))
            db.session.scalars(select(Tag)).all()
            db.session.rollback()

            assert db.session.scalar(select(Tag.name).where(Tag.id == tag["id"])) == "Heat"


ORDERS = {"published_at": "listing", "-updated_at": "visible_from", "title": "title_key"}


@pytest.mark.parametrize("query", ["tag={tag}", "category={category}&author={author}&tag={tag}"])
@pytest.mark.parametrize("sort", ORDERS)
def test_a_list_of_a_term_is_walked_in_its_order(site, client, reads, query, sort):
    with reads() as statements:
        assert client.get(site.url(f"/posts?{query}&sort={sort}&limit=1")).status_code == 200

    plan = whole_plan(reader_of(site), statements)
    assert f"ix_publication_terms_{ORDERS[sort]}" in plan
    assert "TEMP B-TREE" not in plan
    assert '"Sort"' not in plan


@pytest.mark.parametrize(("sort", "index"), [("position", "position"), ("question", "title_key")])
def test_so_is_one_of_faqs(site, client, reads, sort, index):
    with reads() as statements:
        assert client.get(site.url(f"/faqs?tag={{tag}}&sort={sort}&limit=1")).status_code == 200

    assert f"ix_publication_terms_{index}" in whole_plan(reader_of(site), statements)


def whole_plan(known: Reader, statements: list) -> str:
    """How the page of a list by terms is found."""
    written = [(known.compiled(one), parameters) for one, parameters in statements]
    found, parameters = next(
        one for one in written if re.search("publication_terms.*ORDER BY", one[0].sql, re.DOTALL)
    )
    sql, values, connection = found.sql, found.given(parameters), known.connect()
    try:
        if known.is_sqlite:
            return str(connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_sort = off")
        connection.execute("SET enable_bitmapscan = off")
        return json.dumps(connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", values).fetchone())
    finally:
        connection.close()
