"""One tag, category or author in the place of another."""

import pytest
from sqlalchemy import select

from cms.extensions import db
from cms.models import Base, LinkKind, Publication, PublicationLink
from cms.models.publication import SHOWN
from cms.services import checkup, taxonomy
from tests import building
from tests.api.refusals import assert_problem, contents
from tests.building import ANY, TERMS

MANAGE = "/api/v1/manage"
# What a post names a term of each kind by, and shows it as.
FIELDS = {"tags": "tag_ids", "categories": "category_id", "authors": "author_ids"}
FILTERS = {"tags": "tag", "categories": "category", "authors": "author"}
KEPT = ["entries", "revisions", "threads"]

each_kind = pytest.mark.parametrize("kind", TERMS)
each_list = pytest.mark.parametrize("kind", ["tags", "authors"])


@pytest.fixture
def two(editor, kind):
    """A term, and the one that it is merged into."""
    return [TERMS[kind](editor, name=name) for name in ("Old", "New")]


@pytest.fixture
def counters(app, config):
    """Whether every total of a list is right, and each publication says what it links to."""

    def right():
        with app.app_context():
            said = {one.id: one.names for one in db.session.scalars(select(Publication))}
            return checkup.list_counters(config) == checkup.FINE and said == linked()

    return right


def linked():
    """What each publication shows by name, by its links."""
    found = {one: [] for one in db.session.scalars(select(Publication.id))}
    row = PublicationLink
    for link in db.session.scalars(select(row).order_by(row.kind, row.position)):
        if link.kind in SHOWN:
            found[link.publication_id].append(f"{link.kind}:{link.target_id}")
    return {one: ",".join(names) for one, names in found.items()}


def texts(app):
    """What is written, but for the ids that stand behind names."""
    with app.app_context():
        other = [column for column in Publication.__table__.c if column.name != "names"]
        rows = db.session.execute(select(*other).order_by(Publication.id)).all()
    found = contents(app)
    return {name: found[name] for name in KEPT} | {"publications": rows}


def filed(kind, *terms):
    ids = [term["id"] for term in terms]
    return {FIELDS[kind]: ids[0] if kind == "categories" else ids}


def merge(client, kind, old, into, **kwargs):
    url = f"{MANAGE}/{kind}/{old['id']}/merge"
    answer = client.post(url, json={"into": into["id"]}, **kwargs)
    assert answer.status_code == 200, answer.json
    return answer


def working_copy(client, post, path="posts"):
    return client.get(f"{MANAGE}/{path}/{post['id']}").json["data"]


def shown(client, kind, post):
    """The slugs of what a public post is filed under."""
    field = FILTERS[kind] if kind == "categories" else kind
    found = client.get(f"/api/v1/posts/{post['slug']}").json["data"][field]
    return [one["slug"] for one in (found if isinstance(found, list) else [found])]


def listed(client, kind, slug, path="posts"):
    answer = client.get(f"/api/v1/{path}?total=true&{FILTERS[kind]}={slug}").json
    assert answer["meta"]["total"] == len(answer["data"])
    return [one["slug"] for one in answer["data"]]


def test_a_publication_names_what_it_shows_by_kind_and_in_order(editor, counters):
    named = {
        FIELDS[kind]: [TERMS[kind](editor, name=name)["id"] for name in "ab"] for kind in TERMS
    }
    post = building.post(editor, **named | {"category_id": named["category_id"][0]})
    faqs = {"faq_ids": [building.published_faq(editor)["id"]]}
    editor.put(f"{MANAGE}/posts/{post['id']}/faqs", json=faqs, headers=ANY)
    building.publish(editor, post)

    assert counters()


@each_kind
class TestMerging:
    def test_puts_one_in_the_place_of_the_other_everywhere(self, client, editor, kind, two):
        post = building.published_post(editor, **filed(kind, two[0]))

        merge(editor, kind, *two)

        assert filed(kind, two[1]).items() <= working_copy(editor, post).items()
        assert shown(client, kind, post) == ["new"]
        assert listed(client, kind, "new") == [post["slug"]]
        assert client.get(f"/api/v1/{kind}/new").json["data"]["post_count"] == 1

    def test_writes_no_text_version_or_time_anew(self, app, editor, kind, two):
        for term in two:
            building.publish(editor, building.published_post(editor, **filed(kind, term)))
        before = texts(app)

        merge(editor, kind, *two)

        assert texts(app) == before

    def test_answers_the_one_that_stays_and_removes_the_other(self, editor, kind, two):
        answer = merge(editor, kind, *two, headers={"If-Match": '"1"'})

        assert (answer.json["data"], answer.headers["ETag"]) == (two[1], '"1"')
        assert editor.get(f"{MANAGE}/{kind}/{two[0]['id']}").status_code == 404
        assert len(editor.get(f"{MANAGE}/{kind}").json["data"]) == 1

    @pytest.mark.thorough
    def test_keeps_every_total_right(self, client, editor, kind, two, counters):
        for term in (*two, two[0]):
            building.published_post(editor, **filed(kind, term))
        waiting = building.post(editor, **filed(kind, two[0]))
        building.publish(editor, waiting, publish_at="2500-01-01T00:00:00Z")

        merge(editor, kind, *two)

        assert counters()
        assert len(listed(client, kind, "new")) == 3

    def test_reaches_what_waits_what_is_past_and_the_trash(self, app, client, editor, kind, two):
        post = building.published_post(editor, **filed(kind, two[0]))
        editor.patch(f"{MANAGE}/posts/{post['id']}", json={"title": "Again"}, headers=ANY)
        building.publish(editor, post)
        building.publish(editor, post, publish_at="2500-01-01T00:00:00Z")
        editor.delete(f"{MANAGE}/posts/{post['id']}", headers=ANY)

        merge(editor, kind, *two)

        with app.app_context():
            links = select(PublicationLink.target_id).where(
                PublicationLink.kind == LinkKind(FILTERS[kind])
            )
            assert set(db.session.scalars(links)) == {two[1]["id"]}
        editor.post(f"{MANAGE}/posts/{post['id']}/restore")
        building.publish(editor, post)
        assert shown(client, kind, post) == ["new"]

    def test_lets_what_publishes_later_leave_cleanly(self, client, editor, kind, two, counters):
        post = building.published_post(editor, **filed(kind, two[0]))
        merge(editor, kind, *two)

        editor.delete(f"{MANAGE}/posts/{post['id']}/publication", headers=ANY)

        assert counters()
        assert listed(client, kind, "new") == []

    def test_leads_from_the_old_slug_through_every_later_merge(self, client, editor, kind, two):
        third = TERMS[kind](editor, name="Third")
        merge(editor, kind, *two)
        merge(editor, kind, two[1], third)

        for slug in ("old", "new"):
            answer = client.get(f"/api/v1/{kind}/{slug}")
            assert answer.status_code == 301
            assert answer.headers["Location"].endswith(f"/api/v1/{kind}/third")

    def test_lets_the_old_id_stand_for_the_other(self, editor, kind, two):
        """What an old revision or an open form still names is no mistake."""
        post = building.post(editor)
        third = TERMS[kind](editor, name="Third")
        merge(editor, kind, *two)
        merge(editor, kind, two[1], third)

        url, changes = f"{MANAGE}/posts/{post['id']}", filed(kind, two[0])
        answer = editor.patch(url, json=changes, headers=ANY)

        assert filed(kind, third).items() <= answer.json["data"].items()

    def test_changes_no_post_that_a_form_saves_by_the_old_id(self, editor, kind, two):
        post = building.published_post(editor, **filed(kind, two[0]))
        merge(editor, kind, *two)

        url = f"{MANAGE}/posts/{post['id']}"
        saved = editor.patch(url, json=filed(kind, two[0]), headers=ANY).json["data"]

        assert saved["revision"] == post["revision"]
        assert not saved["has_unpublished_changes"]

    def test_leaves_nothing_once_the_other_is_removed_too(self, app, editor, kind, two):
        merge(editor, kind, *two)

        editor.delete(f"{MANAGE}/{kind}/{two[1]['id']}", headers=ANY)

        found = contents(app)
        assert (found[kind], found["former_slugs"], found["merged_terms"]) == ([], [], [])

    def test_is_recorded_by_both_ids(self, admin, kind, two):
        merge(admin, kind, *two)

        url = f"{MANAGE}/audit-log?object_id={two[0]['id']}"
        line = admin.get(url).json["data"][0]
        assert (line["action"], line["fields"]) == (f"{FILTERS[kind]}.merged", [two[1]["id"]])


@each_list
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["old"], ["new"]),
        (["old", "x", "new"], ["new", "x"]),
        (["new", "x", "old"], ["new", "x"]),
        (["x", "old", "y"], ["x", "new", "y"]),
        (["old", "new"], ["new"]),
    ],
)
@pytest.mark.thorough
def test_a_list_keeps_its_order_and_has_no_doubles(client, editor, kind, two, before, after):
    known = dict(zip(("old", "new"), two, strict=True))
    known |= {name: TERMS[kind](editor, name=name) for name in ("x", "y")}
    post = building.published_post(editor, **filed(kind, *(known[name] for name in before)))

    merge(editor, kind, *two)

    ids = filed(kind, *(known[name] for name in after))
    assert ids.items() <= working_copy(editor, post).items()
    assert shown(client, kind, post) == after
    assert listed(client, kind, "new") == [post["slug"]]


@each_list
@pytest.mark.parametrize("named", [["old", "new"], ["new", "old"], ["old"], ["old", "old"]])
def test_an_old_id_beside_the_new_one_is_named_once(editor, kind, two, named):
    known = dict(zip(("old", "new"), two, strict=True))
    merge(editor, kind, *two)

    post = building.post(editor, **filed(kind, *(known[name] for name in named)))

    assert post[FIELDS[kind]] == [two[1]["id"]]


@pytest.mark.parametrize("kind", ["tags"])
def test_faqs_follow_too(client, editor, kind, two, counters):
    faq = building.published_faq(editor, tag_ids=[one["id"] for one in two])

    merge(editor, kind, *two)

    assert working_copy(editor, faq, "faqs")["tag_ids"] == [two[1]["id"]]
    assert listed(client, kind, "new", "faqs") == [faq["slug"]]
    assert counters()


def test_what_one_author_reviewed_the_other_has_reviewed(client, editor):
    old, new = (building.author(editor, slug=slug, credentials="MD") for slug in ("old", "new"))
    post = building.post(editor)
    review = building.review(editor, reviewed_by=old["id"])
    editor.post(f"{MANAGE}/posts/{post['id']}/review", json=review, headers=ANY)
    building.publish(editor, post)

    merge(editor, "authors", old, new)

    shown = client.get(f"/api/v1/posts/{post['slug']}").json["data"]["review"]
    assert shown["reviewed_by"]["slug"] == "new"


class TestCategories:
    @pytest.fixture
    def tree(self, editor):
        """Care > Massage > Medical, and Body beside Care; a public post in each."""
        found = {}
        for name, above in [("Care", None), ("Massage", "Care"), ("Medical", "Massage")]:
            parent_id = found[above]["id"] if above else None
            found[name] = building.category(editor, name=name, parent_id=parent_id)
        found["Body"] = building.category(editor, name="Body")
        for one in found.values():
            building.published_post(editor, slug=f"in-{one['slug']}", category_id=one["id"])
        return found

    def lists(self, client, *slugs):
        return {slug: len(listed(client, "categories", slug)) for slug in slugs}

    def test_take_along_what_is_below_them(self, client, editor, tree, counters):
        merge(editor, "categories", tree["Massage"], tree["Body"])

        medical = client.get("/api/v1/categories/medical").json["data"]
        assert [one["slug"] for one in medical["ancestors"]] == ["body"]
        assert self.lists(client, "care", "body", "medical") == {"care": 1, "body": 3, "medical": 1}
        assert counters()

    def test_go_into_the_one_above(self, client, editor, tree, counters):
        merge(editor, "categories", tree["Massage"], tree["Care"])

        assert self.lists(client, "care", "medical") == {"care": 3, "medical": 1}
        assert counters()

    def test_go_into_one_that_lies_deep(self, client, editor, tree, counters):
        merge(editor, "categories", tree["Body"], tree["Medical"])

        assert self.lists(client, "care", "massage", "medical") == {
            "care": 4,
            "massage": 3,
            "medical": 2,
        }
        assert counters()

    def test_are_found_as_a_parent_by_their_old_id(self, editor, tree):
        merge(editor, "categories", tree["Massage"], tree["Body"])
        parent = {"parent_id": tree["Massage"]["id"]}

        new = building.category(editor, **parent)
        url = f"{MANAGE}/categories/{tree['Care']['id']}"
        moved = editor.patch(url, json=parent, headers=ANY).json["data"]

        assert new["parent_id"] == moved["parent_id"] == tree["Body"]["id"]

    def test_never_go_into_one_below(self, app, editor, tree):
        before, into = contents(app), {"into": tree["Medical"]["id"]}

        answer = editor.post(f"{MANAGE}/categories/{tree['Care']['id']}/merge", json=into)

        found = assert_problem(answer, 422, "category_cycle")
        assert found["errors"][0]["pointer"] == "/into"
        assert contents(app) == before


WRONG = [
    ({"into": "{self}"}, {}, 422, "self_link"),
    ({"into": building.NOWHERE}, {}, 422, "unknown_id"),
    ({"into": "{other}"}, {}, 422, "unknown_id"),
    ({"into": "{self}x"}, {}, 422, "validation_failed"),
    ({"into": None}, {}, 422, "validation_failed"),
    ({"into": ["{into}"]}, {}, 422, "validation_failed"),
    ({}, {}, 422, "validation_failed"),
    ({"into": "{into}", "from": "{self}"}, {}, 422, "validation_failed"),
    ({"into": "{into}"}, {"If-Match": '"9"'}, 412, "stale_version"),
    ({"into": "{into}"}, {"If-Match": "9"}, 400, "bad_if_match"),
]


@each_kind
@pytest.mark.parametrize(("body", "headers", "status", "reason"), WRONG)
@pytest.mark.thorough
def test_wrong_use_is_refused(app, editor, kind, two, body, headers, status, reason):
    other = TERMS["tags" if kind != "tags" else "authors"](editor)["id"]
    ids = {"self": two[0]["id"], "into": two[1]["id"], "other": other}
    text = {name: v.format(**ids) if isinstance(v, str) else v for name, v in body.items()}
    before = contents(app)

    answer = editor.post(f"{MANAGE}/{kind}/{two[0]['id']}/merge", json=text, headers=headers)

    assert_problem(answer, status, reason)
    assert contents(app) == before


@each_kind
def test_what_is_not_there_is_not_found(editor, kind, two):
    url = f"{MANAGE}/{kind}/{building.NOWHERE}/merge"

    assert_problem(editor.post(url, json={"into": two[0]["id"]}), 404, "not_found")


def test_every_use_of_a_term_is_known():
    """What refers to a term keeps it from being removed, and follows a merge."""
    known = {use.property.columns[0] for uses in taxonomy.USES.values() for use in uses}

    refer = {
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in TERMS
    }

    assert known == refer
