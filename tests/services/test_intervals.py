"""Publishing meets other changes, and itself: intervals and terms stay right."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import select

from cms.api.delivery import comments as delivery
from cms.extensions import db
from cms.models import Publication
from cms.reading import reader
from cms.services import clock, intervals, terms
from cms.times import FOREVER, MILLISECOND, utc_now
from tests import building, commenting
from tests.building import ANY

MANAGE = "/api/v1/manage"


def in_other_thread(app, request):
    """The answer to a request that stands in no transaction of this thread."""

    def run():
        try:
            return request()
        finally:
            with app.app_context():
                reader().close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def slugs(client, category):
    found = client.get(f"/api/v1/posts?category={category['slug']}").json["data"]
    return [post["slug"] for post in found]


def test_a_second_text_within_one_millisecond_follows_the_first(app, editor, monkeypatch):
    now = utc_now()
    monkeypatch.setattr(clock, "now", lambda: now)
    post = building.published_post(editor, slug="heat")
    editor.patch(f"{MANAGE}/posts/{post['id']}", json={"title": "Cold"}, headers=ANY)
    building.publish(editor, post)

    with app.app_context():
        rows = select(Publication.visible_from, Publication.visible_until)
        shown = db.session.execute(rows.order_by(Publication.visible_from)).all()
    assert shown == [(now, now + MILLISECOND), (now + MILLISECOND, FOREVER)]


@pytest.mark.thorough
def test_a_category_that_moves_while_a_post_in_it_is_published(app, editor, client, monkeypatch):
    old, new = building.category(editor), building.category(editor)
    moving = building.category(editor, parent_id=old["id"])
    post = building.post(editor, slug="heat", category_id=moving["id"])
    filed, moved = paused_after_filing(monkeypatch)

    def move():
        filed.wait(10)
        url, changes = f"{MANAGE}/categories/{moving['id']}", {"parent_id": new["id"]}
        answer = editor.patch(url, json=changes, headers=ANY)
        moved.set()
        return answer.status_code

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(in_other_thread, app, move)
        building.publish(editor, post)
        assert answer.result() == 200
    assert (slugs(client, moving), slugs(client, new), slugs(client, old)) == (["heat"],) * 2 + (
        [],
    )


def paused_after_filing(monkeypatch):
    """Publishing stands still when it has filed its row: `(it has, it may go on)`."""
    filed, moved = Event(), Event()
    enter = intervals.terms.enter

    def entering(row):
        found = enter(row)
        if not filed.is_set():
            filed.set()
            # The move has to wait for us, so this waits in vain.
            moved.wait(1)
        return found

    monkeypatch.setattr(terms, "enter", entering)
    return filed, moved


# On SQLite nobody can close a thread while somebody else writes.
@pytest.mark.only_on("postgresql")
def test_a_thread_that_was_closed_takes_no_comment_that_had_seen_it_open(app, editor, monkeypatch):
    post = building.published_post(editor)
    thread_of, url = delivery.thread_of, f"{MANAGE}/posts/{post['id']}"

    def then_closed(moment, slug):
        seen = thread_of(moment, slug)
        closing = {"comments_open": False}
        answer = in_other_thread(app, lambda: editor.patch(url, json=closing, headers=ANY))
        assert (seen.is_open, answer.status_code) == (True, 200)
        return seen

    monkeypatch.setattr(delivery, "thread_of", then_closed)

    assert commenting.send(app.test_client(), post).json["reason"] == "comments_closed"
