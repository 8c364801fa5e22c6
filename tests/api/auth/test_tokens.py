"""API tokens over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from cms.database import transaction
from cms.extensions import db
from cms.models import ApiToken, Scope
from cms.services import token_uses
from cms.times import format_time, utc_now
from tests.api.auth.people import ME, TOKENS, browse, join, make_token, status_with
from tests.building import ANY, PASSWORD

pytestmark = pytest.mark.threat("A15")

USERS = "/api/v1/manage/users"
SOON = format_time(utc_now() + timedelta(days=1))


@pytest.fixture
def mia(app):
    join(app)
    return browse(app)


def refused(browser, **fields):
    values = {"name": "build", "scopes": ["content:read"]} | fields
    return browser.post(TOKENS, values)


class TestMaking:
    def test_answers_the_secret_once(self, mia):
        made = make_token(mia, "content:read", expires_at=SOON)

        listed = mia.client.get(TOKENS).json["data"]

        assert made["token"].startswith("cms_")
        assert len(made["token"]) > 40
        assert listed == [{key: value for key, value in made.items() if key != "token"}]
        assert set(listed[0]) == {
            *("id", "user_id", "name", "prefix"),
            *("scopes", "idle_scopes", "created_at", "expires_at", "last_used_at"),
        }

    def test_keeps_only_a_digest(self, app, mia):
        made = make_token(mia)

        with app.app_context():
            row = db.session.query(ApiToken).one()

        assert row.prefix == made["prefix"] == made["token"][:12]
        assert made["token"] not in {row.digest, row.name, row.id}

    def test_keeps_each_scope_once(self, mia):
        made = make_token(mia, "content:write", "content:read", "content:write")

        assert made["scopes"] == ["content:read", "content:write"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"scopes": []},
            {"scopes": ["everything"]},
            {"scopes": "admin"},
            {"name": " "},
            {"name": "x" * 81},
            {"expires_at": "2020-01-01T00:00:00Z"},
            {"expires_at": "2999-01-01"},
            {"user_id": "me"},
            {"token": "cms_chosen"},
            {"prefix": "cms_chosen"},
            {"id": "1"},
        ],
    )
    def test_refuses_what_can_not_be(self, mia, fields):
        assert refused(mia, **fields).status_code == 422
        assert mia.client.get(TOKENS).json["data"] == []

    def test_for_another_takes_an_admin(self, app, mia):
        other = join(app, email="other@example.org")

        assert refused(mia, user_id=other).status_code == 403

    def test_for_another_is_the_others(self, app, admin, mia):
        values = {"name": "build", "scopes": ["content:read"], "user_id": mia.user["id"]}

        made = admin.post(TOKENS, json=values).json["data"]

        assert made["user_id"] == mia.user["id"]
        assert status_with(app, made["token"]) == 200

    def test_for_nobody_is_refused(self, admin):
        nobody = "0192d3a0-0000-7000-8000-000000000000"
        values = {"name": "build", "scopes": ["content:read"], "user_id": nobody}

        response = admin.post(TOKENS, json=values)

        assert (response.status_code, response.json["reason"]) == (422, "unknown_id")

    def test_for_who_is_suspended_is_refused(self, app, admin):
        other = join(app, email="other@example.org")
        admin.patch(f"{USERS}/{other}", json={"suspended": True}, headers=ANY)
        values = {"name": "build", "scopes": ["content:read"], "user_id": other}

        response = admin.post(TOKENS, json=values)

        assert (response.status_code, response.json["reason"]) == (422, "user_suspended")
        assert response.json["errors"][0]["pointer"] == "/user_id"
        assert admin.get(f"{TOKENS}?user_id={other}").json["data"] == []

    @pytest.mark.parametrize(
        ("role", "idle"),
        [
            ("viewer", ["content:write", "content:publish", "media:write"]),
            ("moderator", ["content:write", "content:publish", "media:write"]),
            ("author", ["content:publish"]),
            ("editor", []),
            ("admin", []),
        ],
    )
    def test_says_which_scopes_the_role_has_no_use_for(self, app, role, idle):
        join(app, role, email="other@example.org")
        other = browse(app, "other@example.org")

        made = make_token(other, *Scope)

        assert made["idle_scopes"] == idle
        assert other.client.get(TOKENS).json["data"][0]["idle_scopes"] == idle

    @pytest.mark.parametrize("scope", ["content:read", "content:publish", "comments:moderate"])
    def test_by_a_narrow_token_is_refused(self, sign_in, scope):
        narrow = sign_in("admin", scopes=[scope])
        values = {"name": "wider", "scopes": ["admin"]}

        assert narrow.post(TOKENS, json=values).status_code == 403
        assert narrow.get(TOKENS).status_code == 403


class TestUsing:
    def test_acts_for_its_person_within_its_scopes(self, app, mia):
        token = make_token(mia, "content:read")["token"]
        bearer = {"Authorization": f"bearer {token}"}

        data = app.test_client().get(ME, headers=bearer).json["data"]

        assert data["user"]["id"] == mia.user["id"]
        assert (data["csrf_token"], data["scopes"]) == (None, ["content:read"])

    def test_reaches_no_further_than_the_role(self, app, mia):
        token = make_token(mia, "admin")["token"]

        assert status_with(app, token, USERS) == 403

    @pytest.mark.parametrize("scope", ["content:read", "content:write", "comments:moderate"])
    def test_reaches_no_further_than_the_scopes(self, sign_in, scope):
        narrow = sign_in("admin", scopes=[scope])

        assert narrow.get(USERS).status_code == 403
        assert narrow.post(USERS, json=person()).status_code == 403
        assert narrow.patch(f"{USERS}/{narrow.user_id}", json={}, headers=ANY).status_code == 403
        assert narrow.delete(f"{USERS}/{narrow.user_id}", headers=ANY).status_code == 403

    def test_ends_with_its_time(self, app, mia):
        made = make_token(mia, expires_at=SOON)
        with app.app_context(), transaction():
            db.session.get(ApiToken, made["id"]).expires_at = utc_now()

        assert status_with(app, made["token"]) == 401

    @pytest.mark.parametrize(
        "header", ["Bearer", "Bearer ", "Bearer cms_wrong", "Basic bWlh", "Bearer \xff", "nonsense"]
    )
    @pytest.mark.parametrize("url", ["/api/v1/posts", "/api/v1/site", USERS, ME])
    def test_a_bad_one_is_refused_on_every_route(self, client, header, url):
        response = client.get(url, headers={"Authorization": header})

        assert (response.status_code, response.json["reason"]) == (401, "bad_token")
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="cms"'

    def test_a_bad_one_is_not_saved_by_a_good_cookie(self, mia):
        bad = {"Authorization": "Bearer cms_wrong"}

        assert mia.client.get(ME, headers=bad).status_code == 401

    @pytest.mark.parametrize("name", ["token", "access_token", "api_key"])
    def test_is_refused_in_an_address(self, client, mia, name):
        token = make_token(mia)["token"]

        assert client.get(f"/api/v1/posts?{name}={token}").status_code == 400
        assert client.get(f"{ME}?{name}={token}").status_code in {400, 401}


class TestTheLastUse:
    @pytest.fixture
    def made(self, mia):
        return make_token(mia)

    def last(self, app, mia):
        app.extensions[token_uses.EXTENSION].write()
        return mia.client.get(TOKENS).json["data"][0]["last_used_at"]

    def test_is_none_at_first_and_then_the_present(self, app, mia, made):
        assert made["last_used_at"] is self.last(app, mia) is None
        before = format_time(utc_now() - timedelta(minutes=1))

        status_with(app, made["token"])

        assert self.last(app, mia) > before

    def test_is_not_written_again_within_five_minutes(self, app, mia, made, monkeypatch):
        status_with(app, made["token"])
        first = self.last(app, mia)
        status_with(app, made["token"])
        assert self.last(app, mia) == first

        monkeypatch.setattr(token_uses, "EXACT_TO", timedelta())
        status_with(app, made["token"])

        assert self.last(app, mia) > first

    def test_is_no_use_that_was_refused(self, app, mia, made):
        assert status_with(app, made["token"] + "x") == 401

        assert self.last(app, mia) is None

    def test_is_lost_and_nothing_else_where_it_can_not_be_written(self, app, mia, made, caplog):
        delete(mia, made["id"])
        app.extensions[token_uses.EXTENSION].add(made["id"])

        app.extensions[token_uses.EXTENSION].write()

        assert (mia.client.get(TOKENS).json["data"], caplog.records) == ([], [])


class TestMakingByATokenThatEnds:
    @pytest.fixture
    def ending(self, mia):
        ends = format_time(utc_now() + timedelta(hours=1))
        return make_token(mia, expires_at=ends)

    def make(self, app, ending, **fields):
        bearer = {"Authorization": f"Bearer {ending['token']}"}
        values = {"name": "child", "scopes": ["content:read"]} | fields
        client = app.test_client(use_cookies=False)
        return client.post(TOKENS, json=values, headers=bearer)

    def test_makes_one_that_ends_with_it(self, app, ending):
        made = self.make(app, ending)

        assert made.status_code == 201, made.json
        assert made.json["data"]["expires_at"] == ending["expires_at"]

    def test_makes_none_that_lasts_longer(self, app, ending):
        later = format_time(utc_now() + timedelta(hours=2))

        assert self.make(app, ending, expires_at=later).status_code == 422


@pytest.mark.parametrize("scope", ["content:read", "content:write", "comments:moderate"])
def test_a_narrow_token_can_not_change_the_password(app, mia, scope):
    bearer = {"Authorization": f"Bearer {make_token(mia, scope)['token']}"}
    values = {"current_password": PASSWORD, "new_password": "another horse, another staple"}

    client = app.test_client(use_cookies=False)

    assert client.post("/api/v1/auth/password", json=values, headers=bearer).status_code == 403
    assert mia.me() == 200


class TestListing:
    def test_pages_newest_first(self, mia):
        made = [make_token(mia)["id"] for _ in range(3)]

        first = mia.client.get(f"{TOKENS}?limit=2&total=true").json
        second = mia.client.get(f"{TOKENS}?limit=2&cursor={first['meta']['next_cursor']}").json

        assert [one["id"] for one in first["data"] + second["data"]] == made[::-1]
        assert first["meta"]["total"] == 3

    def test_shows_ones_own_alone(self, app, mia):
        join(app, email="other@example.org")
        make_token(browse(app, "other@example.org"))

        assert mia.client.get(TOKENS).json["data"] == []

    def test_an_admin_may_see_anothers_and_everyones(self, admin, mia):
        made = make_token(mia)["id"]

        others = admin.get(f"{TOKENS}?user_id={mia.user['id']}").json["data"]
        everyones = admin.get(f"{TOKENS}?user_id=*").json["data"]

        assert [one["id"] for one in others] == [made]
        assert {one["user_id"] for one in everyones} == {mia.user["id"], admin.user_id}

    @pytest.mark.parametrize("whose", ["*", "0192d3a0-0000-7000-8000-000000000000"])
    def test_nobody_else_may(self, mia, whose):
        assert mia.client.get(f"{TOKENS}?user_id={whose}").status_code == 403


class TestRevoking:
    def test_ends_a_token_at_once(self, app, mia):
        made = make_token(mia)

        response = delete(mia, made["id"])

        assert (response.status_code, response.data) == (204, b"")
        assert status_with(app, made["token"]) == 401

    def test_anothers_token_is_not_there(self, app, mia):
        join(app, email="other@example.org")
        theirs = make_token(browse(app, "other@example.org"))

        assert delete(mia, theirs["id"]).status_code == 404
        assert status_with(app, theirs["token"]) == 200

    def test_ends_all_that_it_made_for_whomever(self, app, admin):
        join(app, "admin")
        mia = browse(app)
        first, other = make_token(mia), join(app, email="other@example.org")
        second = made_by(app, first, scopes=["admin"])
        thirds = [made_by(app, second), made_by(app, second, user_id=other)]
        apart = make_token(mia)

        delete(mia, first["id"])

        gone = [first, second, *thirds]
        assert [status_with(app, one["token"]) for one in gone] == [401] * 4
        assert status_with(app, apart["token"]) == 200
        told = admin.get("/api/v1/manage/audit-log?action=token.revoked").json["data"]
        assert {one["object_id"] for one in told} == {one["id"] for one in gone}

    def test_leaves_what_made_it(self, app, mia):
        first = make_token(mia)
        second = made_by(app, first)

        delete(mia, second["id"])

        assert [status_with(app, one["token"]) for one in (first, second)] == [200, 401]

    def test_while_it_makes_another_leaves_none(self, app, mia):
        """Whoever commits first: the new one goes with it, or is never made."""
        for _ in range(5):
            first = make_token(mia)
            with ThreadPoolExecutor(2) as pool:
                making = pool.submit(made_by, app, first)
                pool.submit(delete_as, app, first).result()
            secret = making.result().get("token")

            assert secret is None or status_with(app, secret) == 401

    def test_an_admin_may_revoke_anothers(self, app, admin, mia):
        theirs = make_token(mia)

        assert admin.delete(f"{TOKENS}/{theirs['id']}").status_code == 204
        assert status_with(app, theirs["token"]) == 401

    def test_twice_is_not_found(self, mia):
        made = make_token(mia)
        delete(mia, made["id"])

        assert delete(mia, made["id"]).status_code == 404


def made_by(app, maker, **fields):
    """What a token is answered that makes another."""
    values = {"name": "child", "scopes": ["content:read"]} | fields
    client, bearer = app.test_client(use_cookies=False), f"Bearer {maker['token']}"
    answer = client.post(TOKENS, json=values, headers={"Authorization": bearer})
    return answer.json.get("data", answer.json)


def delete_as(app, token):
    """A token that revokes itself."""
    client, bearer = app.test_client(use_cookies=False), f"Bearer {token['token']}"
    return client.delete(f"{TOKENS}/{token['id']}", headers={"Authorization": bearer})


def delete(browser, token_id):
    headers = {"X-CSRF-Token": browser.csrf_token}
    return browser.client.delete(f"{TOKENS}/{token_id}", headers=headers)


def person():
    return {
        "email": "new@example.org",
        "name": "New",
        "role": "viewer",
        "password": PASSWORD,
    }
