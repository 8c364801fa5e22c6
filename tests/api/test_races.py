"""Who comes first wins, and everybody else hears why: real threads, real commits."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from cms.extensions import db
from cms.models import Author, Category, Faq, OutboxEvent, Post, Publication, Revision, Tag
from cms.reading import reader
from tests import building, commenting
from tests.building import ANY, Client, markdown

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
        assert rows(app, Revision, entry_id=post["id"]) == THREADS + 1

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
