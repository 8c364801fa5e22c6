"""A shared cache before the site: what it keeps is never older than the last purge that it heard.

It does what headers say, and hears of each purge as soon as that is acknowledged.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from cms.api.front import answers, front_of
from cms.extensions import db
from cms.models import OutboxEvent
from cms.services.generation import EVERYTHING
from cms.times import utc_now
from tests import building, commenting
from tests.api.front.test_what_is_dropped import CHANGES, PAST, READS, make, shown, site, wait_until

MAX_AGE = 3600
KEPT_FOR = re.compile(r"s-maxage=(\d+)")
# What shows more than it could name.
FAR = ["/feed.json", "/sync", "/posts/heat/history", "/posts/heat?include=related,comments"]


@pytest.fixture
def app(app, monkeypatch):
    config = replace(app.config["CMS"], surrogate_keys=True, shared_max_age=MAX_AGE)
    monkeypatch.setitem(app.config, "CMS", config)
    monkeypatch.setattr(front_of(app), "_config", config)
    return app


@dataclass
class Kept:
    answer: TestResponse
    keys: set[str]
    until: float


class Cdn:
    def __init__(self, app: Flask) -> None:
        self._app, self._client = app, app.test_client(use_cookies=False)
        self.kept: dict[str, Kept] = {}
        self._heard: set[str] = set()
        self.hits = 0

    def get(self, path: str) -> TestResponse:
        kept = self.kept.get(path)
        if kept is not None and monotonic() < kept.until:
            self.hits += 1
            return kept.answer
        # Before it is asked: whatever is on its way is older by then.
        now, answer = monotonic(), self._client.get(f"/api/v1{path}")
        allowed = KEPT_FOR.search(answer.headers["Cache-Control"])
        if allowed:
            keys = set(answer.headers["Surrogate-Key"].split())
            self.kept[path] = Kept(answer, keys, now + int(allowed[1]))
        return answer

    def hear(self) -> set[str]:
        """Drop what was purged since; answer which paths that were."""
        rows = select(OutboxEvent.id, OutboxEvent.payload).where(OutboxEvent.type == "cache.purge")
        with self._app.app_context():
            events = {row.id: set(row.payload["keys"]) for row in db.session.execute(rows)}
        purged = set().union(*(keys for one, keys in events.items() if one not in self._heard))
        self._heard |= set(events)
        gone = {path for path, kept in self.kept.items() if kept.keys & purged}
        for path in gone:
            del self.kept[path]
        return gone


@pytest.mark.thorough
def test_what_a_cdn_keeps_is_what_would_be_built(app, admin, moderator, client):
    names, built, cdn = site(admin, moderator, client), app.test_client(use_cookies=False), Cdn(app)
    for step, body in [(None, None), *CHANGES]:
        if step is not None:
            make(admin, step, body, names)
            cdn.hear()
        if str(step).startswith(("BEGIN", "END")):
            # What is kept until its moment, and not longer.
            _ = [cdn.get(path) for path in READS]
            wait_until(names["soon"])
        for path in READS:
            got, wanted = cdn.get(path), built.get(f"/api/v1{path}", headers=PAST)
            assert got.status_code == wanted.status_code, (step, path)
            assert wanted.status_code >= 300 or shown(got) == shown(wanted), (step, path)
    # Some of what each change does not touch was there.
    assert cdn.hits > len(CHANGES)


def test_a_comment_purges_what_shows_its_post_and_what_names_nothing(app, editor, moderator):
    heat, _, cold = (building.published_post(editor, slug=one) for one in ("heat", "mild", "cold"))
    # The one after it names it.
    own = ["/posts", "/posts/heat", "/posts/mild", "/posts/heat/comments"]
    others = ["/posts/cold", "/posts/cold/comments", "/site", "/tags", "/faqs", "/sitemap.xml"]
    cdn = Cdn(app)
    cdn.hear()
    for path in (*own, *others, *FAR):
        assert cdn.get(path).status_code == 200

    commenting.approved(moderator, heat)

    assert cdn.hear() == {*own, *FAR}
    commenting.approved(moderator, cold)
    assert cdn.hear() == {"/posts/cold", "/posts/cold/comments"}


def test_a_post_purges_its_neighbours_and_not_what_shows_none(app, editor):
    tag = building.published_faq(editor, slug="why") and building.tag(editor, slug="warm")
    building.published_post(editor, slug="heat")
    cdn = Cdn(app)
    cdn.hear()
    for path in ("/posts/heat", "/site", "/faqs", "/categories"):
        cdn.get(path)

    next_one = building.published_post(editor, slug="cold", tag_ids=[tag["id"]])

    assert cdn.hear() == {"/posts/heat", "/categories"}
    assert cdn.get("/posts/heat").json["data"]["next"]["slug"] == next_one["slug"]


def test_a_plan_purges_whom_its_time_will_change(app, editor):
    building.published_post(editor, slug="heat")
    cdn, soon = Cdn(app), utc_now() + timedelta(seconds=60)
    cdn.get("/posts/heat")

    building.publish(editor, building.post(editor), publish_at=soon.isoformat())

    assert cdn.hear() == {"/posts/heat"}
    # And what is asked for now is kept until then.
    left = cdn.get("/posts/heat").headers["Cache-Control"].rpartition("s-maxage=")[2]
    assert 0 < int(left) <= 60


def test_what_names_nothing_or_too_much_holds_everything(app, editor):
    building.published_post(editor, slug="heat")
    cdn = Cdn(app)
    for path in FAR:
        cdn.get(path)
    assert {path: cdn.kept[path].keys == {EVERYTHING} for path in FAR} == dict.fromkeys(FAR, True)
    many = [f"post:{number}" for number in range(answers.MOST_SURROGATES)]
    assert answers.surrogates(many) == answers.surrogates([]) == EVERYTHING


@pytest.mark.parametrize(
    ("held", "carried"),
    [
        ({"site"}, "site"),
        ({"post:1", "beside:1", "list:tag"}, "list:post list:tag post:1"),
        ({"faq:1"}, "faq:1 list:faq"),
        ({"comments:1"}, "comments:1"),
    ],
)
def test_who_shows_one_carries_the_key_of_all_like_it(held, carried):
    assert answers.surrogates(held) == carried
