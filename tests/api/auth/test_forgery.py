"""Cookies travel by themselves: a change also has to prove that our page sent it."""

import json

import pytest

from tests.api.auth.people import LOGIN, LOGOUT, ME, TOKENS, browse, join, make_token
from tests.building import PASSWORD

pytestmark = pytest.mark.threat("A10")

USERS = "/api/v1/manage/users"
OURS, EDITORS = "http://api.example.org", "https://editor.example.org"
TOKEN = {"name": "build", "scopes": ["content:read"]}


@pytest.fixture
def mia(app):
    join(app, "admin")
    return browse(app)


def tokens_of(mia):
    return mia.client.get(TOKENS).json["data"]


class TestTheFormToken:
    @pytest.mark.parametrize("given", [None, "", "wrong", "\xe9", "null"])
    def test_has_to_be_right(self, mia, given):
        headers = {} if given is None else {"X-CSRF-Token": given}

        response = mia.client.post(TOKENS, json=TOKEN, headers=headers)

        assert (response.status_code, response.json["reason"]) == (403, "bad_csrf_token")
        assert tokens_of(mia) == []

    def test_of_another_session_is_wrong(self, app, mia):
        other = browse(app)

        response = mia.post(TOKENS, TOKEN, **{"X-CSRF-Token": other.csrf_token})

        assert response.status_code == 403

    def test_is_asked_for_on_management_routes(self, mia):
        assert mia.client.post(USERS, json={}).json["reason"] == "bad_csrf_token"
        assert mia.client.delete(f"{USERS}/{mia.user['id']}").json["reason"] == "bad_csrf_token"

    def test_is_asked_for_when_signing_out(self, mia):
        assert mia.client.post(LOGOUT).status_code == 403
        assert mia.me() == 200

    def test_is_not_needed_to_read(self, mia):
        assert mia.client.get(USERS).status_code == 200

    def test_is_not_needed_beside_a_bearer_token(self, mia):
        bearer = {"Authorization": f"Bearer {make_token(mia)['token']}"}

        assert mia.client.post(TOKENS, json=TOKEN, headers=bearer).status_code == 201

    def test_is_the_same_for_the_whole_session(self, mia):
        assert mia.client.get(ME).json["data"]["csrf_token"] == mia.csrf_token


class TestTheOrigin:
    @pytest.mark.parametrize("origin", [OURS, EDITORS])
    def test_may_be_ours(self, mia, origin):
        assert mia.post(TOKENS, TOKEN, Origin=origin).status_code == 201

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "null",
            "",
            EDITORS + ".evil.example",
            "https://evil" + EDITORS.removeprefix("https://"),
            "http://editor.example.org",
            EDITORS + ":8443",
            EDITORS.upper(),
        ],
    )
    def test_must_not_be_anybody_elses(self, mia, origin):
        response = mia.post(TOKENS, TOKEN, Origin=origin)

        assert (response.status_code, response.json["reason"]) == (403, "bad_origin")
        assert tokens_of(mia) == []


class TestSigningIn:
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
    def test_by_a_page_of_another_origin_is_refused(self, app, mia, origin):
        response = sign_in_from(app, Origin=origin)

        assert (response.status_code, response.json["reason"]) == (403, "bad_origin")
        assert "Set-Cookie" not in response.headers

    @pytest.mark.parametrize("headers", [{}, {"Origin": OURS}, {"Origin": EDITORS}])
    def test_by_ours_or_by_a_program_is_fine(self, app, mia, headers):
        assert sign_in_from(app, **headers).status_code == 200


def sign_in_from(app, **headers):
    values = {"email": "mia@example.org", "password": PASSWORD}
    return app.test_client().post(LOGIN, json=values, headers=headers)


class TestTheBody:
    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None],
    )
    def test_must_say_that_it_is_json(self, mia, content_type):
        response = mia.client.post(
            TOKENS,
            data=json.dumps(TOKEN),
            content_type=content_type,
            headers={"X-CSRF-Token": mia.csrf_token},
        )

        assert response.status_code == 415
        assert tokens_of(mia) == []


class TestTheMethod:
    def test_can_not_be_overridden_by_a_header(self, mia):
        headers = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}

        mia.client.get(f"{USERS}/{mia.user['id']}", headers=headers)

        assert mia.me() == 200

    def test_can_not_be_overridden_by_a_parameter(self, mia):
        response = mia.client.get(f"{USERS}/{mia.user['id']}?_method=DELETE")

        assert response.status_code == 400

    def test_get_does_not_sign_out(self, mia):
        assert mia.client.get(LOGOUT).status_code == 405
        assert mia.me() == 200
