"""Comments close by the site's rules at their moment, wherever readers are told of it."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cms.database import transaction
from cms.extensions import db
from cms.models import Kind, Publication, Thread
from cms.reading import reader
from cms.services.delivery import posts
from cms.services.delivery.memory import Memory
from cms.services.delivery.moment import Moment
from cms.services.delivery.posts import Wish
from cms.services.delivery.questions import Question
from cms.times import MILLISECOND, format_time, parse_time, utc_now
from tests import building, commenting
from tests.building import ANY
from tests.syncing import Copy

RULES, POSTS = "/api/v1/manage/comment-rules", "/api/v1/manage/posts"
DAYS = 30


def put(admin, **rules):
    answer = admin.put(RULES, json=rules, headers=ANY)
    assert answer.status_code == 200, answer.json


def aged(app, post, first_shown):
    with app.app_context(), transaction():
        mine = update(Thread).where(Thread.post_id == post["id"])
        db.session.execute(mine.values(first_shown=first_shown))


def first_shown(app, post):
    with app.app_context():
        return db.session.scalar(select(Thread.first_shown).filter_by(post_id=post["id"]))


def told(client, post):
    """Whether comments are open, by each answer that says so."""
    slug, copy = post["slug"], Copy(client)
    read = lambda path: client.get(f"/api/v1{path}").json["data"]  # noqa: E731
    copy.pull()
    return {
        "post": read(f"/posts/{slug}")["comments"]["open"],
        "fields": read(f"/posts/{slug}?fields=comments.open")["comments"]["open"],
        "list": read("/posts")[0]["comments"]["open"],
        "included": read("/posts?include=comments")[0]["comments"]["open"],
        "form": read(f"/posts/{slug}/comment-form")["open"],
        "sync": copy.of("post")[post["id"]]["comments"]["open"],
    }


def everywhere(client, post, said):
    assert told(client, post) == dict.fromkeys(told(client, post), said)


# Over the end of winter time, of a leap day's month, and of a year.
FIRST = ["2026-03-28T01:30:00.001Z", "2024-02-28T23:59:59.999Z", "2026-12-31T00:00:00.000Z"]


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("days", [1, 30, 36500])
def test_a_thread_is_open_to_the_last_millisecond(app, admin, post, first, days):
    put(admin, close_after_days=days)
    always_visible(app, post)
    aged(app, post, parse_time(first))
    closes = parse_time(first) + timedelta(days=days)

    times, known = (closes - MILLISECOND, closes, closes + MILLISECOND), Memory()
    found = [open_at(app, post, at) for at in times]
    listed = [listed_open_at(app, at, known) for at in times]

    assert found == listed == [True, False, False]


def always_visible(app, post):
    with app.app_context(), transaction():
        mine = update(Publication).where(Publication.entry_id == post["id"])
        db.session.execute(mine.values(visible_from=parse_time("2000-01-01T00:00:00Z")))


def open_at(app, post, at):
    with app.app_context():
        moment = Moment("en", app.config["CMS"], reader(), format_time(at))
        return posts.get(moment, post["slug"], Wish(fields=["comments"]))["comments"]["open"]


def listed_open_at(app, at, known):
    """The same in a list, by who remembers what it showed before."""
    with app.app_context():
        moment = Moment("en", app.config["CMS"], reader(), format_time(at), memory=known)
        question = Question(kind=Kind.POST, sort="title", limit=1)
        (card,) = posts.find(moment, question, Wish(fields=["comments"])).items
        return card["comments"]["open"]


def test_what_was_in_memory_closes_at_its_moment_with_nobody_there(app, admin, client, post):
    put(admin, close_after_days=DAYS)
    closes = utc_now() + timedelta(seconds=1.2)
    aged(app, post, closes - timedelta(days=DAYS))
    # Whoever changes anything makes what is known be read anew.
    put(admin, close_after_days=DAYS, most_links=3)
    commenting.approved(admin, post)
    copy = Copy(client)
    copy.pull()
    everywhere(client, post, True)
    known = client.get(f"/api/v1/posts/{post['slug']}").headers["ETag"]

    wait_until(closes)

    everywhere(client, post, False)
    assert client.get(f"/api/v1/posts/{post['slug']}").headers["ETag"] != known
    assert commenting.send(client, post).json["reason"] == "comments_closed"
    assert copy.pull() == [("upsert", "post", post["slug"])]
    assert copy.of("post")[post["id"]]["comments"] == {"open": False, "count": 1}
    assert copy.pull() == []


def wait_until(moment):
    # The database's clock may be behind this one by a little.
    while utc_now() <= moment + 20 * MILLISECOND:
        time.sleep(0.01)


@pytest.mark.parametrize("rules", [{"closed": True}, {"close_after_days": DAYS}])
def test_rules_close_and_open_what_readers_hold(app, admin, client, post, rules):
    old, copy = building.published_post(admin), Copy(client)
    aged(app, old, utc_now() - timedelta(days=DAYS))
    aged(app, post, utc_now() - timedelta(days=DAYS - 1))
    assert open_by(client, copy, old, post) == [[True] * 2] * 2

    put(admin, **rules)
    young = "closed" not in rules
    assert open_by(client, copy, old, post) == [[False] * 2, [young] * 2]

    put(admin)
    assert open_by(client, copy, old, post) == [[True] * 2] * 2


def open_by(client, copy, *of):
    """Whether each post is open, by its own answer and by a copy that follows."""
    copy.pull()
    read = [client.get(f"/api/v1/posts/{one['slug']}").json["data"] for one in of]
    copied = [copy.of("post")[one["id"]] for one in of]
    return [[one["comments"]["open"] for one in both] for both in zip(read, copied, strict=True)]


def test_other_rules_leave_what_is_in_memory(admin, client, post):
    copy = Copy(client)
    copy.pull()
    put(admin, blocked_words=["pills"])
    assert copy.pull() == []


def test_a_thread_ages_from_when_its_post_was_first_visible(app, admin):
    post = building.published_post(admin)
    first, url = first_shown(app, post), f"{POSTS}/{post['id']}/publication"
    assert abs(first - utc_now()) < timedelta(minutes=1)

    building.corrected(admin, post["id"], title="Corrected")
    admin.delete(url, headers=ANY)
    building.publish(admin, post, publish_at="2500-01-01T00:00:00Z")
    admin.delete(f"{url}/scheduled", headers=ANY)
    building.publish(admin, post, published_at="2020-01-01T00:00:00Z")

    assert first_shown(app, post) == first


def test_what_waits_ages_from_its_moment(app, admin):
    post = building.post(admin)
    assert first_shown(app, post) is None
    building.publish(admin, post, publish_at="2500-01-01T00:00:00Z")
    assert first_shown(app, post) == parse_time("2500-01-01T00:00:00Z")
    url, later = f"{POSTS}/{post['id']}/publication", "2600-01-01T00:00:00.000Z"
    assert admin.patch(url, json={"publish_at": later}, headers=ANY).status_code == 200
    assert first_shown(app, post) == parse_time(later)
    admin.delete(f"{url}/scheduled", headers=ANY)
    assert first_shown(app, post) is None
    building.publish(admin, post)
    assert first_shown(app, post) <= utc_now()
