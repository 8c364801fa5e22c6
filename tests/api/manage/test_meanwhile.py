"""What somebody removes or changes at the very moment at which another relies on it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from cms.services import uploading
from tests import building
from tests.building import ANY
from tests.interleaving import interleaved

MANAGE = "/api/v1/manage"

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B20")]

# Lists of a post: what they are of, where they are replaced, and how.
LISTS = {
    "faqs": (building.faq, "faqs", lambda ids: {"faq_ids": ids}),
    "related": (building.post, "related", lambda ids: {"related": [{"post_id": i} for i in ids]}),
    "excluded": (building.post, "related", lambda ids: {"excluded": ids}),
}


@pytest.fixture
def removing(admin):
    """A way to remove something for ever, which an administrator may."""

    def removing(path):
        return lambda: admin.delete(f"{MANAGE}/{path}?permanent=true", headers=ANY)

    return removing


def outcome(answer):
    return answer.status_code, (answer.json or {}).get("reason")


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize(
    ("before", "after"),
    [([0, 1], [1, 0]), ([0, 1], [1]), ([], [0, 1])],
    ids=["moved", "left out", "new"],
)
def test_what_is_removed_while_a_list_is_saved_leaves_it(
    app, editor, removing, kind, before, after
):
    make, path, body = LISTS[kind]
    ids, url = (
        [make(editor)["id"] for _ in range(2)],
        f"{MANAGE}/posts/{building.post(editor)['id']}",
    )
    named = lambda places: body([ids[at] for at in places])  # noqa: E731
    put = lambda places: editor.put(f"{url}/{path}", json=named(places), headers=ANY)  # noqa: E731
    put(before)

    removal = removing(f"{'faqs' if kind == 'faqs' else 'posts'}/{ids[0]}")
    saved, removed = interleaved(app, lambda: put(after), removal)

    assert (outcome(saved), outcome(removed)) == ((200, None), (200, None))
    assert ids[1] in str(editor.get(url).json["data"])
    assert ids[0] not in str(editor.get(url).json["data"])


@pytest.mark.parametrize("kind", ["tags", "authors", "categories"])
def test_a_term_that_is_named_meanwhile_stays(app, editor, kind):
    term, url = building.TERMS[kind](editor)["id"], f"{MANAGE}/posts/{building.post(editor)['id']}"
    field = {"tags": "tag_ids", "authors": "author_ids", "categories": "category_id"}[kind]
    value = term if kind == "categories" else [term]

    saved, removed = interleaved(
        app,
        lambda: editor.patch(url, json={field: value}, headers=ANY),
        lambda: editor.delete(f"{MANAGE}/{kind}/{term}", headers=ANY),
    )

    assert (outcome(saved), outcome(removed)) == ((200, None), (409, "in_use"))
    assert editor.get(url).json["data"][field] == value


@pytest.mark.parametrize("about", ["posts", "authors"])
def test_a_file_that_is_named_meanwhile_stays(app, editor, about):
    media = building.media(editor)["id"]
    make, field = (
        (building.post, "hero_media_id")
        if about == "posts"
        else (building.author, "photo_media_id")
    )
    url = f"{MANAGE}/{about}/{make(editor)['id']}"

    saved, removed = interleaved(
        app,
        lambda: editor.patch(url, json={field: media}, headers=ANY),
        lambda: editor.delete(f"{MANAGE}/media/{media}", headers=ANY),
    )

    assert (outcome(saved), outcome(removed)) == ((200, None), (409, "media_in_use"))


def test_bytes_that_are_removed_while_they_are_sent_again_are_to_be_sent_once_more(
    editor, monkeypatch
):
    data = building.picture()
    media, prepare = building.media(editor, data), uploading.prepared
    send = lambda: editor.post(f"{MANAGE}/media", data=building.upload(data))  # noqa: E731

    def prepared_and_removed(*args):
        ready = prepare(*args)
        with ThreadPoolExecutor(1) as pool:
            remove = pool.submit(editor.delete, f"{MANAGE}/media/{media['id']}", headers=ANY)
        assert remove.result().status_code == 204
        return ready

    with monkeypatch.context() as patch:
        patch.setattr(uploading, "prepared", prepared_and_removed)
        assert outcome(send()) == (409, "reference_gone")
    assert outcome(send()) == (201, None)
