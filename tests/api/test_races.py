"""Who comes first wins, and everybody else hears why: real threads, real commits."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from cms.extensions import db
from cms.models import (
    Author,
    Category,
    EntryMedia,
    Faq,
    OutboxEvent,
    Post,
    Publication,
    PublicationLink,
    Revision,
    Tag,
)
from cms.reading import reader
from cms.services import checkup
from tests import building, commenting
from tests.building import ANY, Client, markdown

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B20")]

THREADS = 20
# One slug for everybody is what the specification asks about.
MANY = 50
POSTS = "/api/v1/manage/posts"
MODELS = {"posts": Post, "faqs": Faq, "tags": Tag, "categories": Category, "authors": Author}


@pytest.fixture
def at_once(app, editor, monkeypatch):
    """Run a request in many threads at once, each with a client of its own; the answers."""
    # A server has a connection for each thread; here many share a few, and wait for their turn.
    with app.app_context():
        monkeypatch.setattr(db.engine.pool, "_timeout", 60)

    def at_once(request, threads=THREADS):
        barrier = Barrier(threads)

        def run(number):
            client = Client(app, use_cookies=False)
            client.token = editor.token
            barrier.wait()
            try:
                return request(client, number)
            finally:
                with app.app_context():
                    reader().close()

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, range(threads)))

    return at_once


def outcomes(answers):
    """How often each status and reason was answered."""
    return Counter((one.status_code, (one.json or {}).get("reason")) for one in answers)


def rows(app, model, **filters):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model).filter_by(**filters))


def last_kept(app, entry):
    """The fields of the newest revision."""
    with app.app_context():
        newest = select(Revision.fields).filter_by(entry_id=entry["id"])
        return db.session.scalar(newest.order_by(Revision.number.desc()).limit(1))


def published(app, entry):
    """The revision and the summary of each publication that there ever was."""
    with app.app_context():
        made = select(Publication.revision, Publication.summary).filter_by(entry_id=entry["id"])
        return db.session.execute(made).all()


class TestCreating:
    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("posts", {"title": "Heat"}),
            ("faqs", {"question": "Heat?", "answer": markdown("Yes.")}),
            ("tags", {"name": "Heat"}),
            ("categories", {"name": "Heat"}),
            ("authors", {"name": "Heat"}),
        ],
    )
    def test_one_slug_at_once_gives_it_to_one(self, app, at_once, kind, values):
        url = f"/api/v1/manage/{kind}"

        answers = at_once(lambda client, _: client.post(url, json=values | {"slug": "heat"}), MANY)

        assert outcomes(answers) == {(201, None): 1, (409, "slug_taken"): MANY - 1}
        assert rows(app, MODELS[kind], slug="heat") == 1

    def test_one_title_at_once_gives_everybody_a_slug(self, at_once):
        answers = at_once(lambda client, _: client.post(POSTS, json={"title": "Heat"}))

        assert outcomes(answers) == {(201, None): THREADS}
        assert len({one.json["data"]["slug"] for one in answers}) == THREADS

    def test_one_email_at_once_makes_one_user(self, at_once, admin, editor):
        editor.token = admin.token
        values = {"email": "mia@example.org", "name": "Mia", "role": "viewer"}
        values["password"] = building.PASSWORD

        answers = at_once(lambda client, _: client.post("/api/v1/manage/users", json=values))

        assert outcomes(answers) == {(201, None): 1, (409, "email_taken"): THREADS - 1}


class TestChanging:
    def test_one_version_at_once_lets_one_through(self, app, at_once, editor):
        post = building.post(editor)
        url, seen = f"{POSTS}/{post['id']}", {"If-Match": f'"{post["version"]}"'}

        answers = at_once(
            lambda client, n: client.patch(url, json={"title": f"Title {n}"}, headers=seen)
        )

        assert outcomes(answers) == {(200, None): 1, (412, "stale_version"): THREADS - 1}
        kept = next(one.json["data"] for one in answers if one.status_code == 200)
        assert editor.get(url).json["data"]["title"] == kept["title"]
        assert rows(app, Revision, entry_id=post["id"]) == 2

    def test_any_version_at_once_keeps_every_change(self, app, at_once, editor):
        post = building.post(editor)
        url = f"{POSTS}/{post['id']}"

        answers = at_once(
            lambda client, n: client.patch(url, json={"title": f"Title {n}"}, headers=ANY)
        )

        versions = {one.json["data"]["version"] for one in answers}
        assert versions == set(range(post["version"] + 1, post["version"] + THREADS + 1))
        # Quick saves of one person are one revision, after the one that the post began with.
        assert rows(app, Revision, entry_id=post["id"]) == 2
        assert editor.get(url).json["data"]["title"] == last_kept(app, post)["title"]

    def test_two_people_at_once_lose_nothing_of_each_other(self, app, at_once, editor, sign_in):
        post, people = building.post(editor), [editor.token, sign_in("editor").token]
        url = f"{POSTS}/{post['id']}"

        def change(client, n):
            client.token = people[n % 2]
            return client.patch(url, json={"title": f"Title {n}"}, headers=ANY)

        answers = at_once(change)

        in_order = sorted((one.json["data"] for one in answers), key=lambda one: one["version"])
        assert len({one["version"] for one in in_order}) == THREADS
        kept = editor.get(f"{url}/revisions?limit=100").json["data"][::-1]
        assert len(kept) == in_order[-1]["revision"]
        # The last that each of them saved before the other is there, word by word.
        last = {one["revision"]: one["title"] for one in in_order}
        for number, title in last.items():
            fields = editor.get(f"{url}/revisions/{number}").json["data"]["fields"]
            assert fields["title"] == title
        assert editor.get(url).json["data"]["title"] == in_order[-1]["title"]

    def test_a_version_at_once_tells_the_others_what_differs(self, at_once, editor):
        post = building.post(editor)
        url, seen = f"{POSTS}/{post['id']}", {"If-Match": f'"{post["version"]}"'}

        answers = at_once(
            lambda client, n: client.patch(url, json={"title": f"Title {n}"}, headers=seen)
        )

        refused = [one.json for one in answers if one.status_code == 412]
        assert len(refused) == THREADS - 1
        assert {(one["version"], *one["changed_fields"]) for one in refused} == {
            (post["version"] + 1, "title")
        }

    def test_saving_and_publishing_at_once_keeps_what_was_published(self, app, at_once, editor):
        post = building.post(editor)
        url = f"{POSTS}/{post['id']}"

        answers = at_once(
            lambda client, n: (
                client.put(f"{url}/publication", json={}, headers=ANY)
                if n % 2
                else client.patch(url, json={"title": f"Title {n}"}, headers=ANY)
            )
        )

        assert outcomes(answers) == {(200, None): THREADS}
        for revision, summary in published(app, post):
            fields = editor.get(f"{url}/revisions/{revision}").json["data"]["fields"]
            assert fields["title"] == json.loads(summary)["title"]

    def test_one_restore_at_once_is_made_once(self, app, at_once, editor):
        post = building.post(editor, title="First")
        url = f"{POSTS}/{post['id']}"
        editor.patch(url, json={"title": "Second"}, headers=ANY)

        answers = at_once(
            lambda client, _: client.post(f"{url}/revisions/1/restore", json={}, headers=ANY)
        )

        assert outcomes(answers) == {(200, None): THREADS}
        assert {one.json["data"]["title"] for one in answers} == {"First"}
        assert rows(app, Revision, entry_id=post["id"]) == 3

    def test_two_that_become_translations_of_each_other_at_once_wait_for_no_one(
        self, at_once, editor
    ):
        pairs = [
            [building.post(editor, locale=locale)["id"] for locale in ("en", "es")]
            for _ in range(THREADS // 2)
        ]

        def link(client, number):
            one, other = sorted(pairs[number // 2], reverse=number % 2)
            return client.patch(f"{POSTS}/{one}", json={"translation_of": other}, headers=ANY)

        assert outcomes(at_once(link)) == {(200, None): THREADS}
        for one, other in pairs:
            linked = editor.get(f"{POSTS}/{one}").json["data"]["translations"]
            assert [entry["id"] for entry in linked] == [other]

    def test_one_slug_at_once_is_renamed_to_by_one(self, at_once, editor):
        posts = [building.post(editor) for _ in range(THREADS)]

        answers = at_once(
            lambda client, n: client.patch(
                f"{POSTS}/{posts[n]['id']}", json={"slug": "heat"}, headers=ANY
            )
        )

        assert outcomes(answers) == {(200, None): 1, (409, "slug_taken"): THREADS - 1}


class TestPublishing:
    def test_one_draft_at_once_is_published_once(self, app, at_once, editor):
        post = building.post(editor)
        url = f"{POSTS}/{post['id']}/publication"

        answers = at_once(lambda client, _: client.put(url, json={}, headers=ANY))

        assert outcomes(answers) == {(200, None): THREADS}
        assert rows(app, Publication, entry_id=post["id"]) == 1
        assert rows(app, OutboxEvent, type="post.published") == 1
        assert app.test_client().get("/api/v1/posts?total=true").json["meta"]["total"] == 1

    def test_publishing_and_taking_down_at_once_leave_one_truth(self, app, at_once, editor):
        post = building.post(editor, slug="heat")
        url = f"{POSTS}/{post['id']}/publication"

        answers = at_once(
            lambda client, n: (
                client.delete(url, headers=ANY) if n % 2 else client.put(url, json={}, headers=ANY)
            )
        )

        assert outcomes(answers) == {(200, None): THREADS}
        live = editor.get(url).json["data"]["live"]
        public = app.test_client()
        assert public.get("/api/v1/posts/heat").status_code == (200 if live else 404)
        assert public.get("/api/v1/posts?total=true").json["meta"]["total"] == bool(live)


class TestFiling:
    """Terms that are merged or moved while others save and publish what is filed under them."""

    MERGER = 0

    @pytest.fixture
    def terms(self, editor):
        """A way to make a term, the one that is merged, and the one that stays, of each kind."""
        return {
            kind: [make(editor, slug=slug) for slug in ("old", "new")]
            for kind, make in building.TERMS.items()
        }

    def merging(self, kind, terms, other):
        """One thread merges, all others do something else."""
        old, new = terms[kind]
        url = f"/api/v1/manage/{kind}/{old['id']}/merge"

        def run(client, number):
            if number == self.MERGER:
                return client.post(url, json={"into": new["id"]})
            return other(client, number)

        return run

    def named(self, kind, *terms):
        ids = [term["id"] for term in terms]
        fields = {"tags": "tag_ids", "categories": "category_id", "authors": "author_ids"}
        return {fields[kind]: ids[0] if kind == "categories" else ids}

    @pytest.mark.parametrize("kind", building.TERMS)
    def test_what_is_published_meanwhile_is_merged(self, app, at_once, editor, terms, config, kind):
        posts = [building.post(editor, **self.named(kind, terms[kind][0])) for _ in range(THREADS)]
        publish = lambda client, n: client.put(  # noqa: E731
            f"{POSTS}/{posts[n]['id']}/publication", json={}, headers=ANY
        )

        answers = at_once(self.merging(kind, terms, publish))

        assert outcomes(answers) == {(200, None): THREADS}
        with app.app_context():
            assert checkup.list_counters(config) == checkup.FINE
            assert set(db.session.scalars(select(PublicationLink.target_id))) == {
                terms[kind][1]["id"]
            }

    @pytest.mark.parametrize("kind", building.TERMS)
    def test_what_is_saved_meanwhile_is_merged(self, at_once, editor, terms, kind):
        posts = [building.post(editor, **self.named(kind, terms[kind][1])) for _ in range(THREADS)]
        save = lambda client, n: client.patch(  # noqa: E731
            f"{POSTS}/{posts[n]['id']}", json=self.named(kind, *terms[kind]), headers=ANY
        )

        answers = at_once(self.merging(kind, terms, save))

        assert outcomes(answers) == {(200, None): THREADS}
        new = self.named(kind, terms[kind][1])
        for post in posts[1:]:
            assert new.items() <= editor.get(f"{POSTS}/{post['id']}").json["data"].items()

    @pytest.mark.parametrize("kind", building.TERMS)
    def test_two_that_become_each_other_leave_one(self, app, at_once, terms, kind):
        old, new = terms[kind]
        pairs = [(old, new), (new, old)]

        answers = at_once(
            lambda client, n: client.post(
                f"/api/v1/manage/{kind}/{pairs[n][0]['id']}/merge", json={"into": pairs[n][1]["id"]}
            ),
            threads=2,
        )

        assert outcomes(answers) == {(200, None): 1, (422, "unknown_id"): 1}
        assert rows(app, MODELS[kind]) == 1

    def test_categories_that_move_into_each_other_close_no_circle(self, at_once, editor):
        circle = [building.category(editor) for _ in range(4)]

        answers = at_once(
            lambda client, n: client.patch(
                f"/api/v1/manage/categories/{circle[n]['id']}",
                json={"parent_id": circle[(n + 1) % 4]["id"]},
                headers=ANY,
            ),
            threads=4,
        )

        assert outcomes(answers) == {(200, None): 3, (422, "category_cycle"): 1}

    def test_what_is_published_while_its_category_moves_is_found_by_the_new_parent(
        self, app, at_once, editor, terms, config
    ):
        above, parent = terms["categories"]
        child = building.category(editor, parent_id=above["id"])
        posts = [building.post(editor, category_id=child["id"]) for _ in range(THREADS)]

        def run(client, number):
            if number == self.MERGER:
                url = f"/api/v1/manage/categories/{child['id']}"
                return client.patch(url, json={"parent_id": parent["id"]}, headers=ANY)
            url = f"{POSTS}/{posts[number]['id']}/publication"
            return client.put(url, json={}, headers=ANY)

        assert outcomes(at_once(run)) == {(200, None): THREADS}
        found = app.test_client().get("/api/v1/posts?total=true&category=new").json
        assert found["meta"]["total"] == THREADS - 1
        with app.app_context():
            assert checkup.list_counters(config) == checkup.FINE


@pytest.mark.threat("B18")
class TestCommenting:
    def test_one_key_at_once_keeps_one_comment(self, app, at_once, editor):
        url, words = commenting.url_of(building.published_post(editor)), commenting.words()

        answers = at_once(lambda _, n: app.test_client().post(url, json=words, **keyed(n)))

        assert outcomes(answers) == {(202, None): THREADS}
        assert len({one.json["data"]["id"] for one in answers}) == 1

    def test_one_approval_at_once_counts_once(self, at_once, editor):
        post = building.published_post(editor)
        comment_id = commenting.leave(editor.application.test_client(), post)

        answers = at_once(
            lambda client, _: commenting.moderate(client, comment_id, status="approved")
        )

        assert outcomes(answers) == {(200, None): THREADS}
        assert commenting.thread(editor, post)["meta"]["total"] == 1


def keyed(number):
    """One key, from another address of a network each time: none of them is too fast."""
    address = {"REMOTE_ADDR": f"198.51.100.{number}"}
    return {"headers": {"Idempotency-Key": "once"}, "environ_base": address}


class TestFiles:
    @pytest.mark.parametrize("field", ["body", "hero_media_id"])
    def test_removed_while_drafts_take_them_up_are_never_missed(self, app, editor, at_once, field):
        media_id = building.media(editor)["id"]
        value = markdown(f"![x](media:{media_id})") if field == "body" else media_id

        def race(client, number):
            if number == 0:
                return client.delete(f"/api/v1/manage/media/{media_id}", headers=ANY)
            return client.post(POSTS, json={"title": "x", field: value})

        removed, *saved = at_once(race, threads=8)

        if removed.status_code == 204:
            gone = {"unknown_media", "unknown_id", "reference_gone"}
            assert {one.json["reason"] for one in saved if one.status_code != 201} <= gone
            assert rows(app, Post, hero_media_id=media_id) == 0
            assert rows(app, EntryMedia, media_id=media_id) == 0
        else:
            assert outcomes([removed]) == {(409, "media_in_use"): 1}
            assert 201 in {one.status_code for one in saved}
