"""Guessing passwords over HTTP runs into the limits."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.auth.people import LOGIN, WRONG, browse, join, log_in

pytestmark = pytest.mark.threat("A13")


def attempts(client, count, email="mia@example.org", *, address="127.0.0.1", **headers):
    values = {"email": email, "password": WRONG}
    sent = {"json": values, "headers": headers, "environ_base": {"REMOTE_ADDR": address}}
    return [client.post(LOGIN, **sent).status_code for _ in range(count)]


@pytest.mark.thorough
class TestAnAccount:
    def test_takes_ten_attempts(self, app, client):
        join(app)

        assert attempts(client, 12) == [401] * 10 + [429] * 2

    def test_says_when_to_try_again(self, app, client):
        join(app)
        attempts(client, 10)

        response = log_in(client)

        assert response.json["reason"] == "too_many_requests"
        assert 0 < int(response.headers["Retry-After"]) <= 300

    def test_is_full_for_unknown_people_alike(self, client):
        assert attempts(client, 11)[-1] == 429

    def test_is_one_in_every_spelling(self, app, client):
        join(app)
        attempts(client, 10, "MIA@example.org")

        assert log_in(client).status_code == 429

    def test_stays_open_to_its_owner_elsewhere(self, app, client):
        join(app)
        # Three addresses of one network, each past its limit: what is refused locks nobody out.
        for number in range(3):
            attempts(client, 40, address=f"192.0.2.{number}")

        assert log_in(client).status_code == 200

    @pytest.mark.parametrize("email", ["mia@example.org", "nobody@example.org"])
    def test_takes_a_hundred_attempts_from_everywhere(self, app, client, email):
        join(app)
        for number in range(10):
            attempts(client, 10, email, address=f"192.0.{number}.1")

        assert attempts(client, 1, email, address="198.51.100.1") == [429]
        assert attempts(client, 1, "other@example.org", address="198.51.100.1") == [401]

    def test_leaves_other_accounts_and_open_sessions(self, app, client):
        join(app)
        join(app, email="other@example.org")
        mia = browse(app)
        attempts(client, 12)

        assert mia.me() == 200
        assert log_in(client, "other@example.org").status_code == 200


class TestAnAddress:
    def test_takes_thirty_attempts(self, client):
        statuses = [attempts(client, 1, f"a{n}@example.org")[0] for n in range(31)]

        assert statuses == [401] * 30 + [429]

    @pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
    def test_is_not_what_a_client_says_it_is(self, client, name):
        statuses = [
            attempts(client, 1, f"a{n}@example.org", **{name: f"192.0.2.{n}"})[0] for n in range(31)
        ]

        assert statuses[-1] == 429

    def test_counts_attempts_that_a_full_account_refused(self, client):
        attempts(client, 30)

        assert attempts(client, 1, "other@example.org") == [429]


def test_a_parallel_burst_stops_at_the_limit(app):
    join(app)

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: attempts(app.test_client(), 1)[0], range(24)))

    assert (statuses.count(401), statuses.count(429)) == (10, 14)


def test_extra_keys_buy_no_attempts(client):
    values = {"email": "mia@example.org", "password": WRONG}
    for n in range(20):
        assert client.post(LOGIN, json=values | {f"email{n}": "x"}).status_code == 422
    assert attempts(client, 11)[-1] == 429
