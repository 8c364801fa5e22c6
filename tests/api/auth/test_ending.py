"""Whatever ends a session ends it at once: old cookies and tokens are worth nothing."""

import pytest

from cms.actor import OPERATOR
from cms.database import transaction
from cms.errors import Unauthenticated
from cms.extensions import db
from cms.models import ApiToken, Session, User
from cms.services import passwords, sessions, tokens, users
from tests.api.auth.people import (
    CHANGE,
    LOGOUT,
    ME,
    TOKENS,
    WRONG,
    browse,
    join,
    log_in,
    make_token,
    status_with,
)
from tests.building import ANY, PASSWORD
from tests.interleaving import before_call

pytestmark = pytest.mark.threat("A8")

NEW = "another good long password"


@pytest.fixture
def mia(app):
    join(app)
    return browse(app)


def by_admin(admin, mia, changes):
    url = f"/api/v1/manage/users/{mia.user['id']}"
    response = admin.patch(url, json=changes, headers=ANY)
    assert response.status_code == 200, response.json


class TestSigningOut:
    def test_ends_the_session_that_a_copy_of_the_cookie_has(self, app, mia):
        copy = app.test_client()
        copy.set_cookie("cms_session", mia.client.get_cookie("cms_session").value)

        response = mia.post(LOGOUT)

        assert (response.status_code, response.data) == (204, b"")
        assert mia.client.get_cookie("cms_session") is None
        assert copy.get(ME).status_code == 401

    def test_leaves_other_sessions_and_tokens(self, app, mia):
        other, token = browse(app), make_token(mia)

        mia.post(LOGOUT)

        assert (other.me(), status_with(app, token["token"])) == (200, 200)

    def test_a_stranger_has_nothing_to_end(self, client):
        assert client.post(LOGOUT).status_code == 401


class TestSuspension:
    def test_ends_cookie_and_token(self, app, admin, mia):
        token = make_token(mia)["token"]

        by_admin(admin, mia, {"suspended": True})

        assert (mia.me(), status_with(app, token)) == (401, 401)

    def test_a_token_of_a_suspended_user_is_refused_on_public_routes(self, app, admin, mia):
        token = make_token(mia)["token"]

        by_admin(admin, mia, {"suspended": True})

        assert status_with(app, token, "/api/v1/posts") == 401

    def test_that_has_ended_brings_no_session_back(self, admin, mia):
        by_admin(admin, mia, {"suspended": True})

        by_admin(admin, mia, {"suspended": False})

        assert mia.me() == 401
        assert log_in(mia.client).status_code == 200


class TestAnotherPassword:
    def test_of_ones_own_ends_every_cookie_and_token(self, app, mia):
        other, token = browse(app), make_token(mia)["token"]

        response = mia.post(CHANGE, {"current_password": PASSWORD, "new_password": NEW})

        assert response.status_code == 204
        assert (mia.me(), other.me(), status_with(app, token)) == (401, 401, 401)
        assert browse(app, password=NEW).me() == 200

    def test_set_by_an_admin_ends_them_too(self, app, admin, mia):
        token = make_token(mia)["token"]

        by_admin(admin, mia, {"password": NEW})

        assert (mia.me(), status_with(app, token)) == (401, 401)

    def test_needs_the_present_one(self, mia):
        response = mia.post(CHANGE, {"current_password": WRONG, "new_password": NEW})

        assert (response.status_code, response.json["reason"]) == (422, "wrong_password")
        assert response.json["errors"][0]["pointer"] == "/current_password"
        assert mia.me() == 200

    def test_must_be_acceptable(self, mia):
        response = mia.post(CHANGE, {"current_password": PASSWORD, "new_password": "Password1"})

        assert (response.status_code, response.json["reason"]) == (422, "weak_password")
        assert response.json["errors"][0]["pointer"] == "/new_password"

    def test_cannot_be_guessed_without_end(self, mia):
        values = {"current_password": WRONG, "new_password": NEW}

        statuses = [mia.post(CHANGE, values).status_code for _ in range(11)]

        assert statuses == [422] * 10 + [429]

    def test_ends_what_a_token_made_for_others(self, app, admin):
        join(app, "admin")
        other, mia = join(app, email="other@example.org"), browse(app)
        bearer = {"Authorization": f"Bearer {make_token(mia)['token']}"}
        values = {"name": "x", "scopes": ["content:read"], "user_id": other}
        made = app.test_client(use_cookies=False).post(TOKENS, json=values, headers=bearer)

        by_admin(admin, mia, {"password": NEW})

        assert status_with(app, made.json["data"]["token"]) == 401


class TestDeletion:
    def test_ends_cookie_and_token(self, app, admin, mia):
        token = make_token(mia)["token"]

        admin.delete(f"/api/v1/manage/users/{mia.user['id']}", headers=ANY)

        assert (mia.me(), status_with(app, token)) == (401, 401)
        assert log_in(mia.client).status_code == 401

    def test_a_new_user_with_the_address_does_not_inherit_them(self, app, admin, mia):
        token = make_token(mia)["token"]
        admin.delete(f"/api/v1/manage/users/{mia.user['id']}", headers=ANY)

        join(app)

        assert (mia.me(), status_with(app, token)) == (401, 401)


class TestAnotherRole:
    def test_ends_the_session_and_narrows_the_token(self, app, admin):
        join(app, "admin")
        mia = browse(app)
        token = make_token(mia)["token"]

        by_admin(admin, mia, {"role": "viewer"})

        assert mia.me() == 401
        assert status_with(app, token, "/api/v1/manage/users") == 403


class TestTime:
    def test_ends_a_session_after_its_life(self, app, mia):
        with app.app_context(), transaction():
            session = db.session.query(Session).one()
            session.expires_at -= sessions.LIFE

        assert mia.me() == 401

    @pytest.mark.usefixtures("mia")
    def test_sweeps_ended_sessions_at_a_sign_in(self, app):
        with app.app_context(), transaction():
            db.session.query(Session).one().expires_at -= sessions.LIFE

        browse(app)

        with app.app_context():
            assert db.session.query(Session).count() == 1


class TestRaces:
    def test_a_password_proved_before_a_change_signs_nobody_in(self, app, mia):
        with app.app_context():
            proof = sessions.prove("mia@example.org", PASSWORD)
            with transaction():
                users.set_password(OPERATOR, mia.user["id"], NEW)
            with pytest.raises(Unauthenticated), transaction():
                sessions.sign_in(proof)

    def test_two_who_sign_in_at_once_after_a_change_of_cost_are_both_let_in(self, app, mia):
        with app.app_context(), transaction():
            user = db.session.get(User, mia.user["id"])
            user.password_hash = passwords.STRONG.hash(PASSWORD)

        answers = before_call(
            app,
            (passwords, "needs_rehash"),
            lambda: log_in(mia.client),
            lambda: browse(app).me(),
        )
        assert (answers[0].status_code, answers[1]) == (200, 200)
        with app.app_context():
            kept = db.session.get(User, mia.user["id"]).password_hash
            assert not passwords.needs_rehash(kept)

    def test_who_signs_in_elsewhere_spoils_no_change_of_a_password(self, app, mia):
        with app.app_context(), transaction():
            user = db.session.get(User, mia.user["id"])
            user.password_hash = passwords.STRONG.hash(PASSWORD)

        change = {"current_password": PASSWORD, "new_password": NEW}
        changed, _ = before_call(
            app,
            (passwords, "check_acceptable"),
            lambda: mia.post(CHANGE, change),
            lambda: browse(app),
        )
        assert changed.status_code == 204, changed.json
        assert log_in(app.test_client(), password=NEW).status_code == 200

    def test_a_request_that_began_before_a_change_makes_no_token(self, app, mia):
        secret = mia.client.get_cookie("cms_session").value
        with app.app_context():
            actor = sessions.actor(secret)
            with transaction():
                users.set_password(OPERATOR, mia.user["id"], NEW)
            with pytest.raises(Unauthenticated), transaction():
                tokens.add(actor, user_id=actor.user_id, name="late", scopes=[])
            assert db.session.query(ApiToken).count() == 0


def test_nothing_of_a_deleted_user_is_left(app, admin, mia):
    make_token(mia)

    admin.delete(f"/api/v1/manage/users/{mia.user['id']}", headers=ANY)

    with app.app_context():
        rows = [db.session.query(model).filter_by(**key).count() for model, key in left(mia)]
        assert rows == [0, 0, 0]


def left(mia):
    mine = {"user_id": mia.user["id"]}
    return [(Session, mine), (ApiToken, mine), (User, {"id": mia.user["id"]})]
