"""What goes while somebody is in the middle of a copy is lost to them, whatever page they read."""

import time
from datetime import timedelta

import pytest

from cms.services import intervals
from cms.times import format_time, utc_now
from tests import building
from tests.building import ANY
from tests.interleaving import before_call
from tests.syncing import Copy, fresh

MANAGE = "/api/v1/manage"


def change(client, method: str, path: str, **json) -> None:
    answer = getattr(client, method)(f"{MANAGE}{path}", json=json or None, headers=ANY)
    assert answer.status_code in {200, 204}, answer.json


def in_the_trash(admin, path: str) -> None:
    change(admin, "delete", path)


def unpublished(admin, path: str) -> None:
    change(admin, "delete", f"{path}/publication")


def ended(admin, path: str) -> None:
    """Let the clock take an entry offline, and have that written down."""
    # On a machine that has much to do, the moment may be over before it is asked for.
    for milliseconds in (50, 500, 5000):
        end = {"unpublish_at": format_time(utc_now() + timedelta(milliseconds=milliseconds))}
        answer = admin.patch(f"{MANAGE}{path}/publication", json=end, headers=ANY)
        if answer.status_code == 200:
            break
    assert answer.status_code == 200, answer.json
    time.sleep(milliseconds / 1000 + 0.05)
    unpublished(admin, path)


def removed(admin, path: str) -> None:
    change(admin, "delete", f"{path}?permanent=true")


def read_on(copy: Copy) -> None:
    """Read the rest of what was begun, and then what has changed meanwhile."""
    copy.pull()
    copy.pull()


@pytest.mark.parametrize("locale", ["en", "*"])
@pytest.mark.parametrize("goes", [in_the_trash, unpublished, ended, removed])
@pytest.mark.parametrize("kind", ["post", "faq"])
def test_what_is_removed_for_ever_while_a_delta_is_read(admin, client, kind, goes, locale):
    copy = Copy(client, locale, limit=1)
    # What was made first comes first.
    other, gone = (getattr(building, f"published_{kind}")(admin) for _ in range(2))
    paths = [f"/{kind}s/{one['id']}" for one in (other, gone)]
    copy.pull()
    unpublished(admin, paths[0])
    goes(admin, paths[1])

    assert copy.page()["meta"]["more"]
    if goes is not removed:
        removed(admin, paths[1])
    read_on(copy)

    assert copy.documents == fresh(copy) == {}


def test_what_is_removed_for_ever_while_everything_is_read(admin, client):
    copy = Copy(client, limit=1)
    gone, _ = (building.published_post(admin) for _ in range(2))
    while gone["id"] not in copy.of("post"):
        copy.page()

    in_the_trash(admin, f"/posts/{gone['id']}")
    removed(admin, f"/posts/{gone['id']}")
    read_on(copy)

    assert copy.documents == fresh(copy) != {}


def test_its_translations_name_it_no_more(admin, client):
    copy = Copy(client, limit=1)
    shown = building.published_post(admin)
    gone = building.published_post(admin, locale="es", translation_of=shown["id"])
    copy.pull()
    building.tag(admin)
    in_the_trash(admin, f"/posts/{gone['id']}")

    assert copy.page()["meta"]["more"]
    # Another takes its place, so that it is no translation of anything when it goes.
    building.post(admin, locale="es", translation_of=shown["id"])
    removed(admin, f"/posts/{gone['id']}")
    read_on(copy)

    assert copy.documents == fresh(copy) != {}
    assert [one["translations"] for one in copy.of("post").values()] == [[]]


def test_posts_name_a_faq_no_more(admin, client):
    copy = Copy(client, limit=1)
    faq, post = building.published_faq(admin), building.post(admin)
    change(admin, "put", f"/posts/{post['id']}/faqs", faq_ids=[faq["id"]])
    building.publish(admin, post)
    # The text that is public names it, and what is being written does not.
    change(admin, "put", f"/posts/{post['id']}/faqs", faq_ids=[])
    copy.pull()
    building.tag(admin)
    in_the_trash(admin, f"/faqs/{faq['id']}")

    assert copy.page()["meta"]["more"]
    removed(admin, f"/faqs/{faq['id']}")
    read_on(copy)

    assert copy.documents == fresh(copy)
    assert [one["faq_ids"] for one in copy.of("post").values()] == [[]]


def moved(admin, path: str) -> None:
    later = format_time(utc_now() + timedelta(days=1))
    change(admin, "patch", f"{path}/publication", publish_at=later)


@pytest.mark.thorough
@pytest.mark.parametrize("goes", [in_the_trash, unpublished, removed, moved])
def test_what_is_called_off_as_it_begins(app, admin, client, goes):
    copy = Copy(client, "*")
    shown = building.published_post(admin)
    gone = building.post(admin, locale="es", translation_of=shown["id"])
    beginning = utc_now() + timedelta(milliseconds=300)
    building.publish(admin, gone, publish_at=format_time(beginning))

    def read() -> set[str]:
        while utc_now() <= beginning:
            time.sleep(0.01)
        copy.pull()
        return {one["id"] for one in copy.of("post").values()}

    last = (intervals, "retime" if goes is moved else "drop_waiting")
    _, seen = before_call(app, last, lambda: goes(admin, f"/posts/{gone['id']}"), read)
    read_on(copy)

    assert seen == {shown["id"], gone["id"]}
    assert copy.documents == fresh(copy) != {}


@pytest.mark.threat("A2")
def test_nobody_is_told_of_what_they_could_not_see(admin, client):
    copy = Copy(client, limit=1)
    copy.pull()
    draft, spanish = building.post(admin), building.published_post(admin, locale="es")
    cancelled = building.post(admin)
    later = format_time(utc_now() + timedelta(days=1))
    building.publish(admin, cancelled, publish_at=later)
    assert copy.pull() == []

    for one in (draft, spanish, cancelled):
        in_the_trash(admin, f"/posts/{one['id']}")
        removed(admin, f"/posts/{one['id']}")

    assert copy.pull() == []
