"""Signing in with a password."""

import pytest

from cms.database import transaction
from cms.extensions import db
from cms.models import Session, User
from cms.services import passwords
from tests.api.auth.people import LOGIN, ME, WRONG, browse, join, log_in
from tests.building import PASSWORD


def cookie_of(response):
    return response.headers["Set-Cookie"].partition(";")[0].partition("=")[2]


class TestARightPassword:
    def test_signs_in_and_answers_the_user_and_the_form_token(self, app, client):
        user_id = join(app)

        data = log_in(client).json["data"]

        assert set(data) == {"user", "csrf_token"}
        assert (data["user"]["id"], data["user"]["email"]) == (user_id, "mia@example.org")
        assert client.get(ME).json["data"] == data | {"scopes": None}

    def test_sets_a_cookie_that_scripts_and_other_sites_do_not_get(self, app, client):
        join(app)

        parts = log_in(client).headers["Set-Cookie"].split("; ")

        assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"} <= set(parts)
        assert "Secure" not in parts

    def test_is_found_in_any_spelling_of_the_address(self, app, client):
        join(app)

        assert log_in(client, " MIA@Example.ORG ").status_code == 200

    def test_works_however_the_keyboard_composes_letters(self, app, client):
        join(app, email="zoë@example.org")

        assert log_in(client, "zoe\u0308@example.org").status_code == 200

    def test_is_never_answered_or_cached(self, app, client):
        join(app)

        response = log_in(client)

        assert PASSWORD not in response.text
        assert "argon2" not in response.text
        assert response.headers["Cache-Control"] == "private, no-store"

    def test_leaves_no_secret_in_the_database(self, app, client):
        join(app)
        secret = cookie_of(log_in(client))

        with app.app_context():
            row = db.session.query(Session).one()

        assert len(row.digest) == 64
        assert secret not in {row.digest, row.id}

    def test_strengthens_a_hash_that_was_made_with_less(self, app, client, monkeypatch):
        user_id = join(app)
        monkeypatch.setattr(passwords, "CHEAP", passwords.PasswordHasher(2, 16, 1))

        assert log_in(client).status_code == 200

        with app.app_context():
            assert "m=16,t=2" in db.session.get(User, user_id).password_hash
        assert log_in(client).status_code == 200


@pytest.mark.threat("A12")
class TestEveryWrongAttempt:
    @pytest.fixture
    def answers(self, app, client):
        join(app)
        join(app, email="gone@example.org")
        with app.app_context(), transaction():
            db.session.query(User).filter_by(email="gone@example.org").one().suspended = True
        return [
            log_in(client, password=WRONG),
            log_in(client, email="nobody@example.org"),
            log_in(client, email="gone@example.org"),
            log_in(client, email="not an address"),
        ]

    def test_is_answered_alike(self, answers):
        bodies = {str(one.json | {"request_id": None}) for one in answers}
        headers = {str(sorted(one.headers.keys())) for one in answers}

        assert {one.status_code for one in answers} == {401}
        assert answers[0].json["reason"] == "bad_credentials"
        assert (len(bodies), len(headers)) == (1, 1)

    def test_verifies_one_hash(self, app, client, monkeypatch):
        seen = []
        join(app)
        verify = passwords.PasswordHasher.verify
        monkeypatch.setattr(
            passwords.PasswordHasher,
            "verify",
            lambda self, hashed, text: seen.append(hashed[:25]) or verify(self, hashed, text),
        )

        log_in(client, password=WRONG)
        log_in(client, email="nobody@example.org")

        assert len(seen) == 2
        assert seen[0] == seen[1]

    def test_sets_no_cookie(self, answers):
        assert all("Set-Cookie" not in one.headers for one in answers)


@pytest.mark.threat("A14")
class TestWhatIsSent:
    def test_must_be_json(self, app, client):
        join(app)
        form = {"email": "mia@example.org", "password": PASSWORD}

        assert client.post(LOGIN, data=form).status_code == 415

    @pytest.mark.parametrize(
        "extra", [{"role": "admin"}, {"remember": True}, {"user_id": "1"}, {"Email": "x"}]
    )
    def test_holds_nothing_unknown(self, app, client, extra):
        join(app)
        values = {"email": "mia@example.org", "password": PASSWORD}

        assert client.post(LOGIN, json=values | extra).status_code == 422

    def test_is_refused_fast_when_a_password_is_very_long(self, app, client):
        join(app)

        assert log_in(client, password="x" * 15_000).status_code == 422
        assert log_in(client, password="x" * 1_000_000).status_code == 413

    def test_counts_whole_beyond_72_bytes(self, app, client):
        long = "a perfectly fine sentence that goes on " * 3
        user_id = join(app)
        with app.app_context(), transaction():
            db.session.get(User, user_id).password_hash = passwords.hash_password(long)

        assert log_in(client, password=long[:72]).status_code == 401
        assert log_in(client, password=long).status_code == 200


@pytest.mark.threat("A9")
class TestFixation:
    def test_a_made_up_cookie_is_replaced_and_stays_a_stranger(self, app, client):
        join(app)
        client.set_cookie("cms_session", "chosen-by-somebody-else")

        secret = cookie_of(log_in(client))

        stranger = app.test_client()
        stranger.set_cookie("cms_session", "chosen-by-somebody-else")
        assert secret != "chosen-by-somebody-else"
        assert stranger.get(ME).status_code == 401

    def test_signing_in_again_ends_the_session_of_that_browser(self, app, client):
        join(app)
        before = cookie_of(log_in(client))

        after = cookie_of(log_in(client))

        stranger = app.test_client()
        stranger.set_cookie("cms_session", before)
        assert before != after
        assert stranger.get(ME).status_code == 401

    def test_signing_in_elsewhere_ends_no_session(self, app):
        join(app)
        here = browse(app)

        browse(app)

        assert here.me() == 200

    @pytest.mark.parametrize("cookie", ["", "x", "\xff\xfe", "a" * 5000, "%00", '"\\303"'])
    def test_a_strange_cookie_is_a_stranger(self, client, cookie):
        response = client.get(ME, headers={"Cookie": f"cms_session={cookie}"})

        assert response.status_code == 401
