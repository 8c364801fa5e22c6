"""What is answered from memory is what would be built anew, and nobody's request marks another's.

Everything here runs against the application that serves, with its front before it.
"""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import formatdate
from threading import Barrier
from time import sleep

import pytest

from cms.api.conditional import Finished
from cms.api.front import answers, front_of
from cms.api.front.answers import Answer
from cms.api.front.validity import Window
from cms.services import changes
from cms.services.pulse import Mark
from cms.times import utc_now
from tests import building

POST = "/api/v1/posts/heat"
# Who ask for the same at once.
READERS = 20


@pytest.fixture
def heat(editor):
    return building.published_post(editor, slug="heat", body=building.markdown("Warm. " * 400))


def numbers(app):
    return front_of(app).numbers()


def test_the_second_reader_is_answered_from_memory(app, client, heat):
    first = client.get(POST)
    before = numbers(app)

    again, head = client.get(POST), client.head(POST)

    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))
    assert numbers(app)["hits"] == before["hits"] + 2
    assert numbers(app)["misses"] == before["misses"]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]


def test_a_reader_after_a_change_sees_it(app, client, editor, heat):
    for number in range(5):
        building.corrected(editor, heat["id"], title=f"Title {number}")
        shown = [client.get(POST).json["data"]["title"] for _ in range(2)]
        assert shown == [f"Title {number}"] * 2


def test_who_asks_while_an_answer_is_built_waits_for_it(app, heat, monkeypatch):
    front = front_of(app)
    front.clear()
    inner, before, start = front._inner, numbers(app), Barrier(READERS)

    def slowly(environ, start_response):
        # Until all others have long come.
        sleep(0.3)
        return inner(environ, start_response)

    def read(_):
        start.wait()
        return app.test_client().get(POST)

    monkeypatch.setattr(front, "_inner", slowly)
    with ThreadPoolExecutor(READERS) as readers:
        found = list(readers.map(read, range(READERS)))

    assert {(one.status_code, one.data) for one in found} == {(200, found[0].data)}
    after = numbers(app)
    assert after["misses"] - before["misses"] == 1
    assert after["hits"] - before["hits"] == READERS - 1
    assert not front._flights


def test_a_compressed_answer_comes_the_second_time_with_an_etag_of_its_own(client, heat):
    takes = {"Accept-Encoding": "br, gzip;q=0.5"}
    plain = client.get(POST, headers=takes)
    small = client.get(POST, headers=takes)

    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data == client.get(POST).data
    assert small.headers["ETag"] != plain.headers["ETag"]
    for etag in (small.headers["ETag"], f'"x", W/{small.headers["ETag"]}', plain.headers["ETag"]):
        known = client.get(POST, headers=takes | {"If-None-Match": etag})
        assert (known.status_code, known.headers["Vary"]) == (304, "Accept-Encoding")
    # Who takes no gzip has no use for hearing that it did not change.
    plainly = {"If-None-Match": small.headers["ETag"]}
    assert client.get(POST, headers=plainly).status_code == 200


@pytest.mark.parametrize(
    "accepted", ["", "gzip;q=0", "*;q=0", "identity", "gzip;q=x", "gzipp", "br", "gzip;q=0, *"]
)
def test_nobody_gets_what_they_do_not_take(client, heat, accepted):
    for _ in range(3):
        client.get(POST, headers={"Accept-Encoding": "gzip"})

    answer = client.get(POST, headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.json["data"]["slug"] == "heat"


ATTEMPTS = [
    {"headers": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}},
    {"headers": {"Host": "evil.example", "X-Forwarded-Prefix": "/evil", "X-Script-Name": "/e"}},
    {"headers": {"X-Original-URL": "/evil", "X-Rewrite-URL": "/evil", "Forwarded": "host=evil"}},
    {"headers": {"X-HTTP-Method-Override": "DELETE", "X-Forwarded-For": "evil"}},
    {"headers": {"Range": "bytes=0-3", "If-Range": '"x"'}},
    {"headers": {"Origin": "https://evil.example", "Accept": "text/html", "Accept-Language": "xx"}},
    {"headers": {"Accept-Encoding": "gzip" * 100}},
    {"headers": {"X-Request-Id": "evil-evil-evil"}},
    {"headers": {"If-None-Match": "*"}},
    {"headers": {"If-Modified-Since": "Fri, 01 Jan 2999 00:00:00 GMT"}},
    {"headers": {"Authorization": "Bearer cms_evil"}},
    {"headers": {"Cookie": "cms_session=evil"}},
    {"query_string": "evil=1"},
    {"query_string": "locale=en&locale=en"},
    {"query_string": "fields=title"},
    {"data": b"evil"},
    {"path": f"{POST}/evil.css"},
    {"path": f"{POST}/"},
    {"path": f"/{POST}"},
    {"path": f"{POST}%3Ffields=title"},
    {"path": f"{POST};evil"},
]


@pytest.mark.threat("A7")
def test_no_request_leaves_a_trace_in_the_next_readers_answer(app, client, heat):
    wanted, client = seen(client.get(POST)), app.test_client(use_cookies=False)
    for attempt in ATTEMPTS:
        # Before anything is kept, and after.
        front_of(app).clear()
        for _ in range(2):
            client.get(**({"path": POST} | attempt))
            answer = client.get(POST)
            assert seen(answer) == wanted, attempt
            assert "evil" not in str(answer.headers)


def seen(answer):
    varying = {"X-Request-Id", "Last-Modified"}
    return answer.status_code, answer.data, {n: v for n, v in answer.headers if n not in varying}


@pytest.mark.threat("A6")
@pytest.mark.parametrize("credentials", ["token", "cookie"])
def test_who_brings_credentials_neither_fills_nor_reads(app, client, editor, heat, credentials):
    plain, cookie = app.test_client(use_cookies=False), {"Cookie": "cms_session=nothing"}
    ways = {"token": lambda: editor.get(POST), "cookie": lambda: plain.get(POST, headers=cookie)}
    ask = ways[credentials]
    front_of(app).clear()

    before = numbers(app)
    filled = [ask().status_code for _ in range(2)]
    client.get(POST)
    read = [ask().status_code for _ in range(2)]

    after = numbers(app)
    assert filled + read == [200] * 4
    assert (after["hits"], after["misses"]) == (before["hits"], before["misses"] + 1)


@pytest.mark.threat("A7")
def test_refusals_are_not_kept(app, client, heat):
    front_of(app).clear()

    for path in ("/api/v1/posts/none", f"{POST}?evil=1", "/api/v1/manage/posts", "/healthz"):
        client.get(path)

    assert numbers(app)["answers"] == 0


def test_memory_is_bounded_and_the_least_used_goes_first(app, client, heat, monkeypatch):
    store = front_of(app).store
    front_of(app).clear()
    monkeypatch.setattr(store, "_most", 60_000)

    for limit in range(1, 60):
        client.get(f"/api/v1/posts?limit={limit}")
        client.get("/api/v1/site")

    assert 0 < store.size <= 60_000
    assert store.evicted
    assert ("/api/v1/site", "") in store._answers
    assert len({key for keys in store._holders.values() for key in keys}) == len(store)


def test_what_is_too_large_to_be_kept_whole_is_kept_compressed(app, client, heat, monkeypatch):
    plain, least = client.get(POST), 2_000
    assert len(plain.data) > least
    monkeypatch.setattr(front_of(app).store, "largest", least)
    front_of(app).clear()

    first, second = client.get(POST), client.get(POST)
    small = client.get(POST, headers={"Accept-Encoding": "gzip"})
    known = client.get(POST, headers={"If-None-Match": first.headers["ETag"]})

    assert first.data == second.data == gzip.decompress(small.data) == plain.data
    assert first.headers["ETag"] == second.headers["ETag"] == plain.headers["ETag"]
    assert small.headers["Content-Encoding"] == "gzip"
    assert client.head(POST).headers["Content-Length"] == str(len(plain.data))
    assert (known.status_code, known.data) == (304, b"")
    assert numbers(app)["bytes"] < least


def test_what_does_not_get_smaller_is_not_compressed_for_nothing():
    answer = Answer(Finished(os.urandom(300_000)), [], "-")
    answer.pack(200_000)
    assert (answer.compressed, len(answer.whole())) == (None, 300_000)


def test_a_date_that_is_none_is_not_remembered(client, heat):
    known = answers._seconds.cache_info().currsize
    url = f"/api/v1/posts/{heat['slug']}"
    for number in range(3):
        headers = {"If-Modified-Since": f"{number}" + " " * 1000}
        assert client.get(url, headers=headers).status_code == 200
    assert answers._seconds.cache_info().currsize == known


def test_what_is_too_large_compressed_is_not_kept(app, client, heat, monkeypatch):
    monkeypatch.setattr(front_of(app).store, "largest", 100)

    answers = [client.get(POST).data for _ in range(2)]

    assert (answers[0] == answers[1], numbers(app)["answers"]) == (True, 0)


def test_what_time_changes_is_dropped_at_its_moment(app, client, editor):
    post = building.post(editor, slug="soon")
    start = utc_now() + timedelta(hours=1)
    building.publish(editor, post, publish_at=start.isoformat())
    assert client.get("/api/v1/posts").json["data"] == []
    assert client.get("/api/v1/posts").json["data"] == []
    moment = front_of(app).validity.window.until

    with app.app_context():
        found = changes.flips_after(app.extensions["cms_reader"], Mark(0, 0))

    assert moment == found[0].at == int(start.timestamp() * 1000)
    assert (found[0].kind, found[0].entry_id) == ("post", post["id"])


def test_last_modified_is_of_a_second_that_is_over(app, client, editor, heat, monkeypatch):
    client.get(POST)
    answer = front_of(app).store.get((POST, ""))
    second = -(-answer.changed_at // 1000)

    assert answer.last_modified(second * 1000 - 1) is None
    assert answer.last_modified(second * 1000) == second
    for date, known in ((second - 1, False), (second, True), (second + 1, True)):
        asked = {"HTTP_IF_MODIFIED_SINCE": formatdate(date, usegmt=True)}
        found = answer.is_known(asked, (second + 1) * 1000, compressed=False)
        assert bool(found) is known
        asked["HTTP_IF_NONE_MATCH"] = '"another"'
        assert answer.is_known(asked, (second + 1) * 1000, compressed=False) is None


def test_a_time_that_may_be_that_of_a_flip_is_not_within_its_window():
    window = Window(7, 1000, 2000)
    assert window.holds(Mark(7, 1990, 9))
    assert not window.holds(Mark(7, 1990, 10))
