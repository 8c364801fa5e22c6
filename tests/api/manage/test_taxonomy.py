"""Tags, categories and authors as editors change them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cms.extensions import db
from cms.models import AuditEvent, Generation, OutboxEvent
from cms.reading import reader
from tests import building
from tests.building import ANY, Client

MANAGE = "/api/v1/manage"
MAKERS = {"tags": building.tag, "categories": building.category, "authors": building.author}
# What a post names a term of each kind by, and what it says when it names none.
FILED = {
    "tags": ("tag_ids", []),
    "categories": ("category_id", None),
    "authors": ("author_ids", []),
}
THREADS = 8

each_kind = pytest.mark.parametrize("kind", MAKERS)


def url_of(kind, term):
    return f"{MANAGE}/{kind}/{term['id']}"


def filed_under(kind, term):
    field, nothing = FILED[kind]
    return {field: term["id"] if nothing is None else [term["id"]]}


def slugs(response):
    assert response.status_code == 200, response.json
    return [one["slug"] for one in response.json["data"]]


def outcome(response):
    return response.status_code, response.json["reason"]


@each_kind
class TestNaming:
    def test_a_name_that_is_taken_gets_a_number(self, editor, kind):
        terms = [MAKERS[kind](editor, name="Heat") for _ in range(3)]

        assert [term["slug"] for term in terms] == ["heat", "heat-2", "heat-3"]

    def test_one_name_at_once_gives_everybody_a_slug(self, app, editor, kind):
        together = Barrier(THREADS)

        def add(_number):
            client = Client(app, use_cookies=False)
            client.token = editor.token
            together.wait()
            try:
                return client.post(f"{MANAGE}/{kind}", json={"name": "Heat"})
            finally:
                with app.app_context():
                    reader().close()

        with ThreadPoolExecutor(THREADS) as pool:
            found = [one.json["data"]["slug"] for one in pool.map(add, range(THREADS))]
        assert set(found) == {"heat", *(f"heat-{n}" for n in range(2, THREADS + 1))}

    def test_a_slug_that_another_has_is_refused(self, editor, kind):
        MAKERS[kind](editor, slug="heat")
        other = MAKERS[kind](editor)

        added = editor.post(f"{MANAGE}/{kind}", json={"name": "Other", "slug": "heat"})
        renamed = editor.patch(url_of(kind, other), json={"slug": "heat"}, headers=ANY)

        assert outcome(added) == outcome(renamed) == (409, "slug_taken")


@each_kind
class TestListing:
    def test_goes_by_slug_page_by_page(self, editor, kind):
        for name in ("Cold", "Heat", "Air"):
            MAKERS[kind](editor, name=name)
        url = f"{MANAGE}/{kind}?limit=2&total=true"

        first = editor.get(url)
        second = editor.get(f"{url}&cursor={first.json['meta']['next_cursor']}")

        assert (slugs(first), slugs(second)) == (["air", "cold"], ["heat"])
        assert (first.json["meta"]["total"], second.json["meta"]["next_cursor"]) == (3, None)

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("HEAT", ["dry-heat", "heat"]),
            ("dry heat", ["dry-heat"]),
            ("heat dry", ["dry-heat"]),
            ("warm", ["heat"]),
            ("%", []),
            ("_", []),
        ],
    )
    def test_finds_every_word_in_name_or_slug(self, editor, kind, q, found):
        MAKERS[kind](editor, name="Warmth", slug="heat")
        MAKERS[kind](editor, name="Dry heat")

        assert slugs(editor.get(f"{MANAGE}/{kind}", query_string={"q": q})) == found

    def test_takes_a_cursor_for_its_own_search_alone(self, editor, kind):
        for name in ("Heat one", "Heat two"):
            MAKERS[kind](editor, name=name)
        cursor = editor.get(f"{MANAGE}/{kind}?limit=1&q=heat").json["meta"]["next_cursor"]

        other = editor.get(f"{MANAGE}/{kind}?limit=1&q=one&cursor={cursor}")

        assert other.status_code == 400


@each_kind
class TestChanging:
    @pytest.mark.parametrize("names", [[], ["name"], ["name", "slug", "description"]])
    def test_into_what_is_there_changes_nothing(self, app, editor, kind, names):
        term = MAKERS[kind](editor, description="Warm")
        before = traces(app)

        same = {name: term[name] for name in names}
        response = editor.patch(url_of(kind, term), json=same, headers=ANY)

        assert (response.status_code, response.json["data"]) == (200, term)
        assert traces(app) == before

    def test_records_the_fields_that_really_changed(self, app, editor, kind):
        term = MAKERS[kind](editor, name="Heat")

        changes = {"name": "Warmth", "slug": "heat"}
        changed = editor.patch(url_of(kind, term), json=changes, headers=ANY).json["data"]

        assert (changed["name"], changed["version"]) == ("Warmth", 2)
        with app.app_context():
            saved = db.session.query(AuditEvent).filter(AuditEvent.action.endswith(".saved")).one()
            assert saved.fields == ["name"]

    @pytest.mark.parametrize("method", ["patch", "delete"])
    def test_needs_the_present_version(self, editor, kind, method):
        term = MAKERS[kind](editor)
        send, body = getattr(editor, method), {"json": {"name": "New"}}

        without = send(url_of(kind, term), **body)
        stale = send(url_of(kind, term), **body, headers={"If-Match": '"9"'})

        assert outcome(without) == (428, "version_required")
        assert (*outcome(stale), stale.json["version"]) == (412, "stale_version", 1)


def traces(app):
    """How much has been recorded, and the number of the last public change."""
    with app.app_context():
        counts = [db.session.query(model).count() for model in (AuditEvent, OutboxEvent)]
        return [*counts, db.session.query(Generation).one().value]


@each_kind
class TestRemoving:
    def test_takes_what_nothing_uses(self, editor, kind):
        term = MAKERS[kind](editor)

        assert editor.delete(url_of(kind, term), headers=ANY).status_code == 204
        assert editor.get(url_of(kind, term)).status_code == 404

    def test_refuses_what_a_draft_uses(self, editor, kind):
        term = MAKERS[kind](editor)
        building.post(editor, **filed_under(kind, term))

        assert outcome(editor.delete(url_of(kind, term), headers=ANY)) == (409, "in_use")

    def test_refuses_what_the_public_alone_still_sees(self, editor, kind):
        term = MAKERS[kind](editor)
        post = building.published_post(editor, **filed_under(kind, term))
        post_url = f"{MANAGE}/posts/{post['id']}"
        editor.patch(post_url, json=dict([FILED[kind]]), headers=ANY)

        refused = editor.delete(url_of(kind, term), headers=ANY)
        editor.delete(f"{post_url}/publication", headers=ANY)

        assert outcome(refused) == (409, "in_use")
        assert editor.delete(url_of(kind, term), headers=ANY).status_code == 204


class TestRemovingATag:
    def test_refuses_one_that_a_faq_uses(self, editor):
        tag = building.tag(editor)
        building.faq(editor, tag_ids=[tag["id"]])

        assert outcome(editor.delete(url_of("tags", tag), headers=ANY)) == (409, "in_use")


class TestTheTreeOfCategories:
    @pytest.fixture
    def tree(self, editor):
        """Three categories, each in the one before."""
        found = [building.category(editor)]
        for _ in range(2):
            found.append(building.category(editor, parent_id=found[-1]["id"]))
        return found

    @pytest.mark.parametrize("into", [0, 1, 2])
    def test_never_closes_into_a_circle(self, editor, tree, into):
        changes = {"parent_id": tree[into]["id"]}

        response = editor.patch(url_of("categories", tree[0]), json=changes, headers=ANY)

        assert outcome(response) == (422, "category_cycle")
        assert response.json["errors"][0]["pointer"] == "/parent_id"

    def test_refuses_a_parent_that_is_not_there(self, editor):
        values = {"name": "Heat", "parent_id": building.NOWHERE}

        response = editor.post(f"{MANAGE}/categories", json=values)

        assert outcome(response) == (422, "unknown_id")

    def test_lets_a_category_out_to_the_top(self, client, editor, tree):
        building.published_post(editor, category_id=tree[2]["id"])
        top, moved = url_of("categories", tree[1]), {"parent_id": None}

        response = editor.patch(top, json=moved, headers=ANY)

        assert response.json["data"]["parent_id"] is None
        found = [client.get(f"/api/v1/posts?category={one['slug']}").json["data"] for one in tree]
        assert [len(posts) for posts in found] == [0, 1, 1]

    def test_keeps_a_category_that_another_is_in(self, editor, tree):
        refused = editor.delete(url_of("categories", tree[0]), headers=ANY)

        assert outcome(refused) == (409, "in_use")


class TestTheDepthOfCategories:
    """Twenty levels, the top one included."""

    @pytest.fixture
    def chain(self, editor):
        def chain(length):
            found = []
            for _ in range(length):
                above = found[-1]["id"] if found else None
                found.append(building.category(editor, parent_id=above))
            return found

        return chain

    def put_under(self, editor, category, parent):
        changes = {"parent_id": parent["id"]}
        return editor.patch(url_of("categories", category), json=changes, headers=ANY)

    def test_ends_where_no_more_can_be_added(self, editor, chain):
        values = {"name": "Deeper", "parent_id": chain(20)[-1]["id"]}

        response = editor.post(f"{MANAGE}/categories", json=values)

        assert outcome(response) == (422, "category_too_deep")
        assert response.json["errors"][0]["pointer"] == "/parent_id"
        assert "20 levels" in response.json["detail"]

    def test_counts_what_a_category_brings_along(self, editor, chain):
        long, short = chain(17), chain(4)

        refused = self.put_under(editor, short[0], long[-1])

        assert outcome(refused) == (422, "category_too_deep")
        assert self.put_under(editor, short[0], long[-2]).status_code == 200

    def test_counts_what_a_merge_brings_along(self, editor, chain):
        long, short = chain(18), chain(4)
        url, last = url_of("categories", short[0]) + "/merge", {"into": long[-1]["id"]}

        refused = editor.post(url, json=last)

        assert outcome(refused) == (422, "category_too_deep")
        assert editor.post(url, json={"into": long[-2]["id"]}).status_code == 200
