"""A12: neither words, nor status, nor time tell who has an account."""

import pytest

from benchmarks import sign_in
from cms.services import passwords
from tests.api.auth.people import LOGIN, join
from tests.public_reading import seen

# Times need a machine that does nothing else.
pytestmark = [pytest.mark.thorough, pytest.mark.exhaustive, pytest.mark.threat("A12")]

RESET = "/api/v1/auth/password-reset"
KNOWN, UNKNOWN, SUSPENDED = (sign_in.ATTEMPTS[name] for name in ("known", "unknown", "suspended"))
# What is sent about somebody, and that nothing is told by the answer.
ROUTES = {
    "signing in": lambda email, password: (LOGIN, {"email": email, "password": password}),
    "a reset": lambda email, _: (RESET, {"email": email}),
}


@pytest.fixture
def people(app):
    with app.app_context():
        sign_in.join()


@pytest.mark.usefixtures("people", "unlimited")
@pytest.mark.parametrize("route", ROUTES)
def test_an_answer_is_the_same_for_everybody(client, route):
    answers = {}
    for name, who in sign_in.ATTEMPTS.items():
        url, values = ROUTES[route](*who)
        answers[name] = seen(client.post(url, json=values))

    assert answers["known"] == answers["unknown"] == answers["suspended"]


@pytest.mark.usefixtures("unlimited")
def test_a_refusal_takes_the_same_time_for_everybody(app, client, monkeypatch):
    """The hashes of production. The smallest of some tries, as machines are noisy."""
    monkeypatch.setattr(passwords, "CHEAP", passwords.STRONG)
    with app.app_context():
        sign_in.join()

    def attempt(email, password):
        answer = client.post(LOGIN, json={"email": email, "password": password})
        assert answer.status_code == 401

    tries = []
    while len(tries) < 4 and min(tries, default=1) >= 0.05:
        tries.append(sign_in.apart(sign_in.times(attempt, 25)))

    assert min(tries) < 0.05


@pytest.mark.usefixtures("people")
def test_the_limits_are_the_same_for_everybody(client):
    """Who guesses on is stopped as soon for an address that nobody has."""
    found = []
    for at, (email, _) in enumerate((KNOWN, UNKNOWN, SUSPENDED)):
        address = {"REMOTE_ADDR": f"192.0.2.{at * 64}"}
        values = {"email": email, "password": sign_in.WRONG}
        sent = {"json": values, "environ_base": address}
        found.append([client.post(LOGIN, **sent).status_code for _ in range(12)])
        sent["json"] = {"email": email}
        found[-1] += [client.post(RESET, **sent).status_code for _ in range(12)]

    assert found[0] == found[1] == found[2]
    assert set(found[0][:12]) == {401, 429}


def test_a_public_author_is_no_user(app, client, admin):
    """Public routes know authors, by name and slug; people who sign in are none of them."""
    user_id = join(app, email="mia@example.org")
    for path in ("/api/v1/authors", f"/api/v1/authors/{user_id}", "/api/v1/authors/mia"):
        answer = client.get(path)
        assert user_id not in answer.text.replace(path, "")
        assert "mia" not in answer.text
    assert client.get("/api/v1/users").status_code == 404
