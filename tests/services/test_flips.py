"""What a schedule did is written down and announced once, whoever comes first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.models import Entry, EntrySlug, OutboxEvent, Publication
from cms.reading import reader
from cms.services import clock, flips
from cms.services.published import not_past
from cms.times import MILLISECOND, format_time, utc_now
from tests import building
from tests.building import ANY

HOUR = timedelta(hours=1)
POSTS, FAQS = "/api/v1/manage/posts", "/api/v1/manage/faqs"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def at(hours: float) -> datetime:
    return utc_now() + hours * HOUR


def swept(now: datetime) -> int:
    with transaction():
        return flips.sweep(now)


def announced() -> list[tuple[str, str, str]]:
    """What the clock did: only its events say when."""
    db.session.rollback()
    events = db.session.scalars(select(OutboxEvent)).all()
    found = [(one.payload.get("at"), one.type, one.payload.get("slug")) for one in events]
    return sorted(one for one in found if one[0])


def live_and_waiting(editor, begins: datetime, ends: datetime) -> dict:
    """A post that is changed at a time, under a new slug, and then ends; published until then."""
    post = building.published_post(editor, slug="old")
    editor.patch(f"{POSTS}/{post['id']}", json={"slug": "new"}, headers=ANY)
    plan = {"publish_at": format_time(begins), "unpublish_at": format_time(ends)}
    return building.publish(editor, post, **plan)


def test_each_flip_is_announced_once_at_or_after_its_moment(context, editor):
    first, second, last = at(1), at(2), at(3)
    live_and_waiting(editor, second, last)
    faq = building.faq(editor, slug="why")
    building.publish(editor, faq, publish_at=format_time(first), unpublish_at=format_time(second))

    times = [first - MILLISECOND, first, first, second, second, last, last + HOUR]
    done = [swept(time) for time in times]

    assert done == [0, 1, 0, 2, 0, 1, 0]
    assert announced() == [
        (format_time(first), "faq.published", "why"),
        (format_time(second), "faq.unpublished", "why"),
        (format_time(second), "post.updated", "new"),
        (format_time(last), "post.unpublished", "new"),
    ]


def test_what_begins_after_a_gap_is_published_again_and_all_of_it_in_one_sweep(context, editor):
    post = building.publish(editor, building.post(editor), unpublish_at=format_time(at(1)))
    plan = {"publish_at": format_time(at(2)), "unpublish_at": format_time(at(3))}
    building.publish(editor, post, **plan)

    assert swept(at(4)) == 1
    verbs = [kind.partition(".")[2] for _, kind, _ in announced()]
    assert verbs == ["unpublished", "published", "unpublished"]


def test_whoever_changes_an_entry_after_its_moment_announces_it_in_place_of_the_sweep(
    context, editor, monkeypatch
):
    begins, ends = at(1), at(3)
    post = live_and_waiting(editor, begins, ends)
    cancelled = building.publish(editor, building.post(editor), publish_at=format_time(begins))
    editor.delete(f"{POSTS}/{cancelled['id']}/publication/scheduled", headers=ANY)
    monkeypatch.setattr(clock, "now", lambda: begins + HOUR)

    editor.delete(f"{POSTS}/{post['id']}/publication", headers=ANY)

    assert announced() == [(format_time(begins), "post.updated", "new")]
    assert swept(at(5)) == 0
    assert len(announced()) == 1


def test_two_sweeps_at_once_announce_each_flip_once(context, editor):
    for _ in range(5):
        building.publish(editor, building.post(editor), publish_at=format_time(at(1)))
    now = at(2)

    def sweep(_):
        with context.app_context():
            done = swept(now)
            reader().close()
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(4))) == 5

    assert len(announced()) == 5


def test_it_frees_the_slug_and_leaves_no_row_that_ended_among_the_present(context, editor):
    live_and_waiting(editor, at(1), at(2))

    swept(at(1))
    held = db.session.scalars(select(EntrySlug.slug)).all()
    swept(at(2))

    assert held == ["new"]
    assert db.session.scalars(select(Publication.id).where(not_past())).all() == []
    assert db.session.scalar(select(Entry.waiting_from)) is None


def test_a_sweep_does_a_batch_and_says_whether_some_may_be_left(context, editor, monkeypatch):
    monkeypatch.setattr(flips, "BATCH", 2)
    for _ in range(3):
        building.publish(editor, building.faq(editor), publish_at=format_time(at(1)))

    assert [swept(at(2)) for _ in range(3)] == [2, 1, 0]
