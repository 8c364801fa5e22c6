"""A4: each thing that an address or a body names is looked at: inside the right one, or not at all.

Who may call which route is `access_matrix.txt`; here the caller may, and names a part of another.
"""

import re

import pytest

from tests import building, commenting
from tests.api.cast import Cast
from tests.api.refusals import contents
from tests.building import ANY, NOWHERE

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A4")]

LIST = "/api/v1/manage"
# Addresses with two ids, by the kind of thing that the second is.
NESTED = {
    "posts/history": ("DELETE", f"{LIST}/posts/{{}}/history/{{}}?reason=A+name"),
    "webhooks/deliveries": ("POST", f"{LIST}/webhooks/{{}}/deliveries/{{}}/redeliver"),
}


@pytest.mark.parametrize("kind", NESTED)
def test_a_part_is_found_inside_its_own_whole_alone(app, kind):
    cast = Cast(app, None)
    (whole, part), (other, _) = (cast.thing(kind, cast.admin, "mine").split("/") for _ in range(2))
    method, address = NESTED[kind]
    before = contents(app)

    for ids in ((other, part), (NOWHERE, part), (whole, NOWHERE), (part, whole)):
        answer = cast.admin.open(address.format(*ids), method=method, headers=ANY)
        assert (answer.status_code, answer.json["reason"]) == (404, "not_found"), ids

    assert contents(app) == before
    right = cast.admin.open(address.format(whole, part), method=method, headers=ANY)
    assert right.status_code < 300


def test_every_address_with_two_ids_is_tried(app):
    # The number of a revision, and the slug of a preview, are no ids of anybody's.
    two = re.compile(r"<id:\w+>.*<id:\w+>")
    found = [one.rule for one in app.url_map.iter_rules() if two.search(one.rule)]

    named = {re.sub(r"<id:\w+>", "{}", rule) for rule in found}

    assert named == {address.partition("?")[0] for _, address in NESTED.values()}


def test_a_list_of_ids_is_judged_one_by_one(app, moderator, post):
    """Many at once: what is there is done, and what is not is said for that one."""
    comment_id = commenting.leave(app.test_client(), post)
    ids = [NOWHERE, comment_id, post["id"]]

    answer = moderator.post(f"{LIST}/comments/bulk", json={"ids": ids, "status": "spam"})

    told = {one["id"]: one.get("reason") for one in answer.json["data"]}
    assert told == {NOWHERE: "not_found", post["id"]: "not_found", comment_id: None}


FOREIGN = ["tag", "category", "author", "faq", "post", "media", "user"]
# A field that names a thing, and the one kind that it takes.
FIELDS = {
    "posts": {
        "tag_ids": "tag",
        "author_ids": "author",
        "category_id": "category",
        "hero_media_id": "media",
    },
    "faqs": {"tag_ids": "tag"},
    "authors": {"photo_media_id": "media"},
    "categories": {"parent_id": "category"},
}


@pytest.mark.parametrize("kind", FIELDS)
def test_an_id_of_another_kind_is_unknown(app, admin, kind, row):
    ids = made(app, admin)
    one = made(app, admin)[{"categories": "category"}.get(kind, kind.removesuffix("s"))]
    before = contents(app)

    for field, taken in FIELDS[kind].items():
        for other in {*FOREIGN, "none"} - {taken}:
            with row(field, other):
                given = ids.get(other, NOWHERE)
                values = {field: [given] if field.endswith("s") else given}
                answer = admin.patch(f"{LIST}/{kind}/{one}", json=values, headers=ANY)
                assert (answer.status_code, answer.json["reason"]) == (422, "unknown_id")

    assert contents(app) == before


def made(app, admin):
    """The id of one thing of each kind."""
    kinds = [one for one in FOREIGN if one not in {"media", "user"}]
    with app.app_context():
        person = building.person("viewer")
    found = {one: getattr(building, one)(admin)["id"] for one in kinds}
    return found | {"media": building.media(admin)["id"], "user": person}


def test_an_author_reaches_no_others_through_what_is_theirs(sign_in):
    """Merging, linking and restoring take the rights on what is changed by it."""
    author, other, editor = sign_in("author"), sign_in("author"), sign_in("editor")
    mine, theirs = building.post(author), building.post(other)
    url = f"{LIST}/posts/{theirs['id']}"
    tried = [
        author.patch(url, json={"title": "Mine"}, headers=ANY),
        author.put(f"{url}/faqs", json={"faq_ids": []}, headers=ANY),
        author.put(f"{url}/related", json={"related": [{"post_id": mine["id"]}]}, headers=ANY),
        author.post(f"{url}/revisions/1/restore", json={}, headers=ANY),
        author.delete(url, headers=ANY),
        author.post(f"{url}/restore"),
    ]

    assert {one.status_code for one in tried} == {403}
    assert editor.get(url).json["data"]["version"] == theirs["version"]
