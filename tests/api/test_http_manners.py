"""What an answer says around its body: origins, caches, cookies, addresses, credentials."""

import pytest

from tests import building, commenting
from tests.api.auth.people import browse, join
from tests.api.refusals import assert_problem
from tests.emptying import emptied

pytestmark = pytest.mark.thorough

EDITORS, OURS = "https://editor.example.org", "http://api.example.org"
POSTS, POST = "/api/v1/posts", "/api/v1/posts/heat"
MANAGE, LOGIN, ME = "/api/v1/manage/posts", "/api/v1/auth/login", "/api/v1/auth/me"
PUBLIC = [
    *(POSTS, POST, f"{POST}/related", f"{POST}/faqs", f"{POST}/comments", f"{POST}/comment-form"),
    *("/api/v1/site", "/api/v1/faqs", "/api/v1/tags", "/api/v1/categories", "/api/v1/authors"),
    *("/api/v1/authors/heat", "/api/v1/tags/heat", "/api/v1/openapi.json", "/healthz"),
]
# A public answer that can be kept.
CACHEABLE = [url for url in PUBLIC if url not in {f"{POST}/comment-form", "/healthz"}]
STRANGERS = [
    *(
        "https://evil.example",
        "null",
        "",
        EDITORS + ".evil.example",
        "https://evil-editor.example.org",
    ),
    *(
        "http://editor.example.org",
        EDITORS + ":8443",
        EDITORS.upper(),
        EDITORS + "/",
        EDITORS + " ",
    ),
    *("https://editor.example.org.", "https://example.org", "*", f"{EDITORS}, {EDITORS}", "\xff"),
]
ANYONES = "ETag, Link, Location, Retry-After, X-Request-Id"


# What the tests of a class read is built once; what changes its address is made for that.
@pytest.fixture(scope="class")
def app(migrated):
    return emptied(migrated)


@pytest.fixture(scope="class")
def admin(app):
    return building.signed_in(app, "admin")


@pytest.fixture(scope="class")
def signed_in(app):
    join(app, "admin")
    return browse(app).client


@pytest.fixture(scope="class", autouse=True)
def heat(admin):
    for kind in (building.tag, building.category, building.author):
        kind(admin, slug="heat")
    return building.published_post(admin, slug="heat")


def cors(answer):
    """The headers by which a browser decides."""
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in answer.headers
        if name.startswith("Access-Control-")
    }


def preflight(client, url, origin, method="GET"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    headers["Access-Control-Request-Headers"] = "content-type"
    headers["Access-Control-Request-Private-Network"] = "true"
    return client.options(url, headers=headers)


@pytest.mark.threat("A11")
class TestOrigins:
    @pytest.mark.parametrize("url", [*PUBLIC, "/api/v1/nothing", f"{POSTS}?limit=0", f"{POST}/x"])
    def test_of_any_kind_may_read_what_is_public(self, client, url):
        for origin in (None, EDITORS, *STRANGERS):
            answer = client.get(url, headers={} if origin is None else {"Origin": origin})
            assert cors(answer) == {"Allow-Origin": "*", "Expose-Headers": ANYONES}
            assert answer.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"

    @pytest.mark.parametrize("url", [*PUBLIC, f"{POSTS}?limit=3", f"{POST}/comments?locale=es"])
    def test_of_any_kind_may_ask_first(self, client, url):
        answer = preflight(client, url, "https://evil.example", "POST")

        assert answer.status_code in {200, 204}
        assert cors(answer) == {
            "Allow-Origin": "*",
            "Allow-Methods": "GET, HEAD, OPTIONS, POST, PATCH, DELETE",
            "Allow-Headers": "Content-Type, Authorization, Idempotency-Key, If-None-Match",
            "Expose-Headers": ANYONES,
            "Max-Age": "600",
        }

    def test_of_any_kind_may_leave_a_comment(self, client, heat):
        for origin in ("https://evil.example", EDITORS):
            url, headers = f"{POST}/comments", {"Origin": origin}
            answer = client.post(url, json=commenting.words(), headers=headers)
            assert (answer.status_code, cors(answer)["Allow-Origin"]) == (202, "*")
            assert "Allow-Credentials" not in cors(answer)

    @pytest.mark.parametrize("url", [MANAGE, ME, LOGIN, "/api/v1/manage/users", f"{MANAGE}/x"])
    def test_of_strangers_may_not_read_what_editors_do(self, client, admin, url):
        for origin in STRANGERS:
            answers = [one.get(url, headers={"Origin": origin}) for one in (client, admin)]
            answers += [preflight(client, url, origin, method) for method in ("GET", "DELETE")]
            assert [cors(answer) for answer in answers] == [{}] * 4, origin
            assert all("Origin" in answer.headers["Vary"] for answer in answers)

    @pytest.mark.parametrize("origin", [EDITORS, OURS])
    @pytest.mark.parametrize("url", [MANAGE, ME, LOGIN, f"{MANAGE}/x"])
    def test_that_the_site_names_may_act_for_editors(self, client, admin, url, origin):
        for who in (client, admin):
            found = cors(who.get(url, headers={"Origin": origin}))
            assert (found["Allow-Origin"], found["Allow-Credentials"]) == (origin, "true")
        asked = cors(preflight(client, url, origin, "PUT"))
        assert asked["Allow-Origin"] == origin
        assert asked["Allow-Methods"] == "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
        assert asked["Allow-Headers"] == "Content-Type, Authorization, If-Match, X-CSRF-Token"
        assert "Allow-Private-Network" not in asked

    def test_that_are_not_sent_get_no_answer_about_them(self, admin):
        answer = admin.get(MANAGE)

        assert (cors(answer), answer.headers["Vary"]) == ({}, "Origin")


@pytest.mark.threat("A6")
class TestCaches:
    @pytest.mark.parametrize("url", CACHEABLE)
    def test_may_keep_what_is_public_and_must_ask_again(self, client, url):
        answer = client.get(url)

        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["ETag"].startswith('"')
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in answer.headers

    @pytest.mark.parametrize("url", CACHEABLE)
    def test_hear_that_nothing_changed(self, client, url):
        etag = client.get(url).headers["ETag"]

        known = [etag, f"W/{etag}", f'"x", {etag}', f'{etag},"x"', f'"x" , W/{etag} , "y"', "*"]
        for header in known:
            answer = client.get(url, headers={"If-None-Match": header})
            assert (answer.status_code, answer.data) == (304, b""), header
            assert answer.headers["ETag"] == etag
            assert answer.headers["Cache-Control"].startswith("public")
            assert "Content-Type" not in answer.headers
            assert cors(answer)["Allow-Origin"] == "*"
            assert client.head(url, headers={"If-None-Match": header}).status_code == 304

    @pytest.mark.parametrize("url", CACHEABLE)
    def test_get_the_whole_answer_when_they_do_not_know_it(self, client, url):
        etag = client.get(url).headers["ETag"]

        unknown = ["", '"x"', etag.strip('"'), f"{etag[:-1]}", f"w/{etag}", f'"{etag}"', "**"]
        for header in (None, *unknown):
            answer = client.get(url, headers={} if header is None else {"If-None-Match": header})
            assert (answer.status_code, answer.headers["ETag"]) == (200, etag), header

    def test_get_another_etag_with_another_body(self, client, admin, heat):
        before = client.get(POST).headers["ETag"]

        changes = {"title": "Other"}
        admin.patch(f"{MANAGE}/{heat['id']}", json=changes, headers=building.ANY)
        assert client.get(POST).headers["ETag"] == before
        building.publish(admin, heat)

        answer = client.get(POST, headers={"If-None-Match": before})
        assert (answer.status_code, answer.json["data"]["title"]) == (200, "Other")

    @pytest.mark.parametrize("url", [MANAGE, ME, "/api/v1/manage/users", "/api/v1/auth/tokens"])
    def test_never_keep_what_editors_see(self, client, admin, url):
        for answer in (admin.get(url), admin.head(url), client.get(url), admin.get(url + "/x")):
            assert "no-store" in answer.headers["Cache-Control"]
            assert "public" not in answer.headers["Cache-Control"]
        assert admin.get(url).headers["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize(
        "url",
        [f"{POST}/x", f"{POSTS}/none", f"{POSTS}?x=y", "/x", f"{POST}/comment-form", "/healthz"],
    )
    def test_never_keep_a_refusal_or_what_is_new_each_time(self, client, url):
        answer = client.get(url)

        assert "no-store" in answer.headers["Cache-Control"]
        assert "ETag" not in answer.headers

    def test_ask_again_where_a_post_has_moved(self, client, admin):
        post = building.published_post(admin, slug="cold")
        for slug in ("posts", "api", "v1", "p", "cold-again"):
            admin.patch(f"{MANAGE}/{post['id']}", json={"slug": slug}, headers=building.ANY)
            building.publish(admin, post)

        for old in ("cold", "posts", "api", "v1", "p"):
            moved = client.get(f"{POSTS}/{old}/faqs?limit=2", headers={"Host": "evil.example"})
            wanted = f"{OURS}{POSTS}/cold-again/faqs?limit=2"
            assert (moved.status_code, moved.headers["Location"]) == (301, wanted)
            assert moved.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
            assert (
                client.post(f"{POSTS}/{old}/comments", json=commenting.words()).status_code == 308
            )


@pytest.mark.threat("A6")
class TestCredentials:
    @pytest.mark.parametrize("url", CACHEABLE)
    def test_change_nothing_about_what_is_public(self, client, admin, signed_in, url):
        shown = [one.get(url) for one in (client, admin, signed_in, client)]

        assert len({one.data for one in shown}) == 1
        assert len({one.headers["ETag"] for one in shown}) == 1
        kept = [one.headers["Cache-Control"] for one in shown]
        stranger, person = "public, max-age=0, must-revalidate", "private, no-store"
        assert kept == [stranger, person, person, stranger]
        assert {one.headers["Vary"] for one in shown} == {"Accept-Encoding"}
        assert not any("Set-Cookie" in one.headers for one in shown)

    @pytest.mark.parametrize("header", ["Range", "If-Range", "Cookie", "Accept-Encoding", "Accept"])
    def test_and_other_headers_change_no_byte(self, client, header):
        plain = client.get(POST)

        answer = client.get(POST, headers={header: "bytes=0-3"})

        assert (answer.status_code, answer.data) == (200, plain.data)

    @pytest.mark.parametrize("url", [*PUBLIC, MANAGE, ME])
    def test_that_are_bad_are_refused_on_every_route(self, client, admin, url):
        good = admin.token
        for header in (
            *(
                "Bearer cms_wrong",
                "Bearer",
                "Bearer  ",
                "Basic bWlhOm1pYQ==",
                "Receipt cms_r_wrong",
            ),
            *(
                "Digest x",
                "cms_wrong",
                good,
                f"Token {good}",
                f"Bearer {good}x",
                f"Bearer {good[:-1]}",
            ),
        ):
            answer = client.get(url, headers={"Authorization": header})
            assert_problem(answer, 401, "bad_token")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_that_are_bad_stop_a_comment(self, client, admin, heat):
        headers = {"Authorization": "Receipt cms_r_wrong"}

        answer = client.post(f"{POST}/comments", json=commenting.words(), headers=headers)

        assert_problem(answer, 401, "bad_token")
        assert admin.get("/api/v1/manage/comments").json["meta"]["total"] == 0


@pytest.mark.threat("A7")
class TestAddresses:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("X-Forwarded-Host", "evil.example"), ("X-Host", "evil.example")),
            *(
                ("X-Forwarded-Proto", "gopher"),
                ("X-Forwarded-Port", "99"),
                ("Host", "evil.example"),
            ),
            *(("X-Forwarded-Prefix", "/evil"), ("Forwarded", "host=evil.example"), ("Via", "evil")),
            *(("X-Original-URL", "/evil"), ("X-Rewrite-URL", "/evil"), ("X-Script-Name", "/evil")),
            *(("X-Forwarded-For", "evil"), ("Referer", "https://evil.example"), ("Origin", "evil")),
        ],
    )
    def test_come_from_the_settings_alone(self, client, admin, name, value):
        building.published_post(admin)
        for url in (f"{POSTS}?limit=1", POST, "/api/v1/site", f"{POST}/comments", f"{POST}/faqs"):
            plain, answer = client.get(url), client.get(url, headers={name: value})
            assert answer.data == plain.data
            assert "evil" not in str(answer.headers)
            assert answer.headers.get("Link") == plain.headers.get("Link")

    def test_name_the_next_page_in_a_header_too(self, client, admin):
        building.published_post(admin)

        answer = client.get(f"{POSTS}?limit=1")

        following = answer.json["links"]["next"]
        assert following.startswith(f"{OURS}{POSTS}?limit=1&cursor=")
        assert answer.headers["Link"] == f'<{following}>; rel="next"'

    def test_given_twice_or_with_a_suffix_are_refused(self, client):
        assert_problem(client.get(f"{POSTS}?limit=1&limit=2"), 400, "bad_parameter")
        assert_problem(client.get(f"{POST}/x.css"), 404, "not_found")
        assert_problem(client.get(f"{POST};x.css"), 404, "not_found")
