"""A6: with a real cache in front, nobody gets what another was answered by their rights."""

import itertools
from http.client import HTTPConnection

import pytest

from tests import building
from tests.api.auth.people import browse, join
from tests.building import ANY
from tests.threats.caching import cached

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A6")]

CANARY = "canary5c1d0e"
# What a right shows, and what is for all.
PATHS = ["/api/v1/manage/posts", "/api/v1/auth/me", "/api/v1/manage/users", "/api/v1/auth/tokens"]
PUBLIC = ["/api/v1/posts", "/api/v1/posts/heat", "/api/v1/site", "/api/v1/posts/heat/comments"]
VARIANTS = [{}, {"Range": "bytes=0-9"}, {"Accept-Encoding": "gzip"}, {"Origin": "https://x.org"}]


class Reader:
    def __init__(self, port, **headers):
        self.port, self.headers = port, headers

    def ask(self, path, method="GET", **more):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None, self.headers | more)
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found


@pytest.fixture
def cache(app):
    with cached(app) as found:
        yield found


@pytest.fixture
def heat(admin):
    building.post(admin, title=CANARY)
    return building.published_post(admin, slug="heat")


@pytest.fixture
def readers(app, cache, admin, heat):
    join(app, "admin", email=f"{CANARY}@example.org")
    cookie = browse(app, f"{CANARY}@example.org").client.get_cookie("cms_session").value
    bearer = {"Authorization": f"Bearer {admin.token}"}
    ways = {"bearer": bearer, "cookie": {"Cookie": f"a=b; cms_session={cookie}"}}
    return {name: Reader(cache.port, **given) for name, given in ways.items()}


@pytest.mark.parametrize("way", ["bearer", "cookie"])
def test_what_a_right_shows_is_shown_to_nobody_else(cache, readers, way):
    stranger, admin = Reader(cache.port), readers[way]
    for path, more, method in itertools.product(PATHS, VARIANTS, ["GET", "HEAD"]):
        assert admin.ask(path, method, **more)[0] == 200
        status, headers, body = stranger.ask(path, **more)
        assert (status, "no-store" in headers["cache-control"]) == (401, True)
        assert CANARY.encode() not in body
        etag = {"If-None-Match": "*"}
        assert stranger.ask(path, **more, **etag)[0] == 401
        assert admin.ask(path, **more)[0] == 200

    assert {path for path in cache.kept if path in PATHS} == set()


@pytest.mark.parametrize("way", ["bearer", "cookie"])
@pytest.mark.parametrize("path", PUBLIC)
def test_what_is_public_is_kept_from_strangers_alone(cache, readers, way, path):
    plain, signed_in = Reader(cache.port), readers[way]

    first = signed_in.ask(path)
    assert path not in cache.kept
    asked = plain.ask(path)
    assert path in cache.kept
    second = signed_in.ask(path)

    assert first[2] == asked[2] == second[2] == plain.ask(path)[2]
    assert cache.hits
    assert (first[1]["cache-control"], "set-cookie" in first[1]) == ("private, no-store", False)


def test_a_preview_is_kept_by_nobody(cache, admin, heat):
    url = f"/api/v1/manage/posts/{heat['id']}"
    admin.patch(url, json={"title": CANARY}, headers=ANY)
    token = admin.post(f"{url}/preview-links", json={}).json["data"]["token"]
    reader = Reader(cache.port)

    status, headers, body = reader.ask(f"/api/v1/preview/{token}")

    assert (status, CANARY.encode() in body) == (200, True)
    assert "no-store" in headers["cache-control"]
    assert cache.kept == {}
    for path in PUBLIC:
        assert CANARY.encode() not in reader.ask(path)[2]


def test_what_is_taken_down_is_gone_behind_the_cache_too(cache, admin, heat):
    reader = Reader(cache.port)
    asked = [reader.ask(path)[0] for path in PUBLIC for _ in range(2)]
    assert (set(asked), cache.hits) == ({200}, len(PUBLIC))

    admin.delete(f"/api/v1/manage/posts/{heat['id']}/publication", headers=ANY)

    assert [reader.ask(path)[0] for path in PUBLIC] == [200, 404, 200, 404]
    assert b"heat" not in reader.ask("/api/v1/posts")[2]


def test_signing_in_is_never_answered_from_a_cache(app, cache, readers):
    for _ in range(2):
        status, headers, _ = readers["cookie"].ask("/api/v1/auth/me")
        assert (status, headers["cache-control"]) == (200, "private, no-store")
    assert cache.kept == {}
