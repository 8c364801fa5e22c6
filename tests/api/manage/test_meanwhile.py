"""What somebody removes or changes at the very moment at which another relies on it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from cms import content
from cms.actor import OPERATOR
from cms.database import transaction
from cms.services import entries, rebuilding, uploading
from tests import building
from tests.building import ANY, markdown
from tests.interleaving import interleaved

MANAGE = "/api/v1/manage"

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B20")]
# In seconds; nobody waits that long where nothing stands in the way.
WAITS = 10

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


def elsewhere(request):
    """Send a request from another thread, and wait for its answer, some seconds at most."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(request).result(timeout=WAITS)
    assert answer.status_code in {200, 204}, answer.json


def after(patch, module, name, request):
    """Send a request each time when a function has ended, before its caller goes on."""
    function = getattr(module, name)

    def and_then(*args, **kwargs):
        result = function(*args, **kwargs)
        elsewhere(request)
        return result

    patch.setattr(module, name, and_then)


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
    url = f"{MANAGE}/media/{building.media(editor, data)['id']}"
    send = lambda: editor.post(f"{MANAGE}/media", data=building.upload(data))  # noqa: E731

    with monkeypatch.context() as patch:
        after(patch, uploading, "prepared", lambda: editor.delete(url, headers=ANY))
        assert outcome(send()) == (409, "reference_gone")
    assert outcome(send()) == (201, None)


class TestOtherWordsOfAnImage:
    """They show at once wherever it stands, in what is saved at that very moment, too."""

    @pytest.fixture
    def photo(self, editor):
        return building.media(editor, alt="Warm hands")["id"]

    @pytest.fixture
    def post(self, editor):
        return building.post(editor)["id"]

    @pytest.fixture
    def reword(self, editor, photo):
        url = f"{MANAGE}/media/{photo}"
        return lambda: editor.patch(url, json={"alt": "Cold hands"}, headers=ANY)

    @pytest.fixture
    def save(self, editor, photo, post):
        url, body = f"{MANAGE}/posts/{post}", markdown(f"![](media:{photo})")
        return lambda: editor.patch(url, json={"body": body}, headers=ANY)

    def shown(self, editor, post):
        return editor.get(f"{MANAGE}/posts/{post}").json["data"]["body"]["html"]

    def test_after_a_body_was_rendered(self, editor, monkeypatch, post, reword, save):
        after(monkeypatch, entries, "prepared", reword)

        saved = save()

        assert 'alt="Cold hands"' in saved.json["data"]["body"]["html"]
        assert 'alt="Cold hands"' in self.shown(editor, post)

    def test_after_what_is_rebuilt_was_rendered(self, app, editor, post, reword, save):
        save()
        with app.app_context():
            known = rebuilding.rendered_ahead([post])
            elsewhere(reword)
            with transaction():
                rebuilding.rebuild(OPERATOR, [post], known)

        assert 'alt="Cold hands"' in self.shown(editor, post)

    def test_while_a_body_is_saved(self, app, editor, post, reword, save):
        answers = interleaved(app, save, reword)

        assert [outcome(one) for one in answers] == [(200, None)] * 2
        assert 'alt="Cold hands"' in self.shown(editor, post)

    def test_that_are_written_while_a_body_is_saved(self, app, editor, post, reword, save):
        answers = interleaved(app, reword, save)

        assert [outcome(one) for one in answers] == [(200, None)] * 2
        assert 'alt="Cold hands"' in self.shown(editor, post)

    def test_are_rendered_while_others_write(self, editor, monkeypatch, post, reword, save):
        save()
        url = f"{MANAGE}/posts/{post}"
        after(monkeypatch, content, "render", lambda: retitled(editor, url))

        assert outcome(reword()) == (200, None)
        assert 'alt="Cold hands"' in self.shown(editor, post)


def retitled(client, url):
    return client.patch(url, json={"title": "Other"}, headers=ANY)
