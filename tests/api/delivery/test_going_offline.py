"""What a post names shows with it while it is public: not in the trash, not before its time."""

from datetime import timedelta

import pytest

from cms.times import format_time, utc_now
from tests import building
from tests.building import ANY

MANAGE = "/api/v1/manage"
SOON, LATER = "2500-01-01T00:00:00Z", "2600-01-01T00:00:00Z"


@pytest.fixture
def faq(editor):
    return building.published_faq(editor, slug="faq")


@pytest.fixture
def pick(editor):
    return building.published_post(editor, slug="pick")


@pytest.fixture
def post(editor, faq, pick):
    """A public post that shows the FAQ and picks the other post."""
    made = building.post(editor, slug="post")
    url = f"{MANAGE}/posts/{made['id']}"
    editor.put(f"{url}/faqs", json={"faq_ids": [faq["id"]]}, headers=ANY)
    editor.put(f"{url}/related", json={"related": [{"post_id": pick["id"]}]}, headers=ANY)
    return building.publish(editor, made)


@pytest.fixture
def site(client, editor):
    """What the post shows beside it, now or at a time to come."""
    link = editor.post(f"{MANAGE}/site/preview-links", json={}).json["data"]["token"]

    def beside(at=None):
        path, query = (
            ("posts/post", {}) if at is None else (f"preview/{link}/posts/post", {"at": at})
        )
        found = client.get(f"/api/v1/{path}", query_string=query | {"include": "related"})
        assert found.status_code == 200, found.json
        shown = found.json["data"]
        return [[one["slug"] for one in shown[name]] for name in ("faqs", "related")]

    return beside


BOTH, ONLY_PICK, ONLY_FAQ = [["faq"], ["pick"]], [[], ["pick"]], [["faq"], []]
LEFT = {"faqs": ONLY_PICK, "posts": ONLY_FAQ}
each_kind = pytest.mark.parametrize("kind", LEFT)


def thing(kind, faq, pick):
    return faq if kind == "faqs" else pick


@each_kind
def test_what_is_taken_down_goes_and_comes_back(editor, site, post, faq, pick, kind):
    one = thing(kind, faq, pick)
    seen = [site()]

    editor.delete(f"{MANAGE}/{kind}/{one['id']}/publication", headers=ANY)
    seen.append(site())
    building.publish(editor, one)
    seen.append(site())

    assert seen == [BOTH, LEFT[kind], BOTH]


@each_kind
@pytest.mark.thorough
def test_what_is_in_the_trash_is_gone_until_it_is_published_again(
    editor, site, post, faq, pick, kind
):
    one = thing(kind, faq, pick)
    url = f"{MANAGE}/{kind}/{one['id']}"
    seen = []

    editor.delete(url, headers=ANY)
    seen.append(site())
    editor.post(f"{url}/restore")
    seen.append(site())
    building.publish(editor, one)
    seen.append(site())

    assert seen == [LEFT[kind], LEFT[kind], BOTH]


@each_kind
def test_what_is_removed_for_ever_is_gone(admin, site, post, faq, pick, kind):
    one = thing(kind, faq, pick)

    url = f"{MANAGE}/{kind}/{one['id']}?permanent=true"
    assert admin.delete(url, headers=ANY).status_code == 200

    assert site() == LEFT[kind]


@each_kind
def test_what_has_its_times_shows_within_them(editor, site, post, faq, pick, kind):
    one = thing(kind, faq, pick)
    editor.delete(f"{MANAGE}/{kind}/{one['id']}/publication", headers=ANY)

    building.publish(editor, one, publish_at=SOON, unpublish_at=LATER)

    times = [None, *(format_time(moment) for moment in around(SOON, LATER))]
    assert [site(at) for at in times] == [LEFT[kind], LEFT[kind], BOTH, BOTH, LEFT[kind]]


def around(start, end):
    """The last moment before, the first and the last within, and the first after."""
    first, over = (utc_now().fromisoformat(text) for text in (start, end))
    step = timedelta(milliseconds=1)
    return first - step, first, over - step, over


def test_a_pick_that_is_excluded_later_is_answered_no_more(client, editor, site, post, pick):
    url, change = f"{MANAGE}/posts/{post['id']}/related", {"excluded": [pick["id"]]}
    editor.put(url, json=change, headers=ANY)
    waiting = site()

    building.publish(editor, post)

    assert (waiting, site()) == (BOTH, ONLY_FAQ)
    assert client.get("/api/v1/posts/post/related").json["data"] == []
