"""A13: a limit holds in all processes together, however many requests come at once."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.sites import served
from tests.threats.asking import ask
from tests.threats.raw_requests import talk

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A13")]

LOGIN, RESET = "/api/v1/auth/login", "/api/v1/auth/password-reset"
# As `limits.RULES` has them: attempts at one account from one network.
MOST = 10


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    given = {"CMS_DATABASE_URL": database, "CMS_RATE_LIMITS": "on", "CMS_TRUSTED_PROXIES": "1"}
    with served(tmp_path_factory.mktemp("site"), **given) as found:
        yield found


@pytest.fixture(scope="module")
def port(site):
    return site.port


def guess(port, email, client, path=LOGIN, **headers):
    values = {"email": email, "password": "not the right one"}
    return ask(port, "POST", path, values, X_Forwarded_For=client, **headers).status


def test_a_burst_over_all_processes_is_counted_exactly(port):
    with ThreadPoolExecutor(12) as pool:
        found = Counter(pool.map(lambda _: guess(port, "a@example.org", "192.0.2.1"), range(48)))

    # Whoever is one too many is told so; a crowd may be told to come again.
    assert found[401] == MOST
    assert set(found) <= {401, 429, 503}


def test_a_pipeline_buys_no_attempt(port):
    body = json.dumps({"email": "b@example.org", "password": "not the right one"}).encode()
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"X-Forwarded-For: 192.0.2.2\r\nContent-Length: {len(body)}\r\n"
    one = head.encode() + b"\r\n" + body
    last = head.encode() + b"Connection: close\r\n\r\n" + body

    answers = talk(port, one * 29 + last)

    assert [answer.status for answer in answers] == [401] * MOST + [429] * 20


SPELLED = ["l%6Fgin", "%6cogin", "login", "%6c%6f%67%69%6e"]
# Of the n-th attempt, what it says of itself: always the same sender and account.
SAME = {
    "made up before the proxy": lambda n: {"client": f"10.0.{n}.1, 192.0.2.{{}}"},
    "one IPv6 /64": lambda n: {"client": f"2001:db8:1:{{}}::{n + 1:x}"},
    "other headers": lambda n: {"X_Real_IP": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"},
    "another browser": lambda n: {"User_Agent": f"Browser/{n}", "Accept_Language": f"x{n}"},
    "a cookie": lambda n: {"Cookie": f"cms_session=x{n}"},
    "a name of the request": lambda n: {"X_Request_Id": f"request-{n:08}"},
    "capitals": lambda n: {"email": "C{}@Example.org" if n % 2 else "c{}@example.org"},
    "spaces": lambda n: {"email": " " * n + "c{}@example.org"},
    "slashes": lambda n: {"path": "/" * (n % 3) + LOGIN},
    "an escaped slash": lambda n: {"path": LOGIN.replace("/login", ["/login", "%2flogin"][n % 2])},
    "escapes": lambda n: {"path": LOGIN.replace("login", SPELLED[n % 4])},
}


@pytest.mark.parametrize("number", range(len(SAME)), ids=SAME)
def test_nothing_that_a_sender_says_makes_them_another(port, number):
    say = list(SAME.values())[number]
    found = []
    for n in range(MOST + 2):
        said = {"client": "192.0.2.{}", "email": "c{}@example.org"} | say(n)
        # Another account and network for each row.
        named = {key: said.pop(key).format(number + 10) for key in ("client", "email")}
        found.append(guess(port, **named, **said))

    assert found == [401] * MOST + [429] * 2


@pytest.mark.parametrize("path", [f"{LOGIN}/", "/API/v1/auth/login", f"{LOGIN};x"])
def test_another_address_signs_nobody_in(port, path):
    assert guess(port, "d@example.org", "192.0.2.99", path) in {404, 405}


def test_comments_of_one_sender_are_counted_by_all_processes(site):
    """Ten in a minute, as shipped."""
    editor = {"Authorization": f"Bearer {site.token}", "If_Match": "*"}
    values = {"title": "Heat", "body": {"format": "markdown", "source": "Warm."}}
    post = ask(site.port, "POST", "/api/v1/manage/posts", values, **editor).data
    ask(site.port, "PUT", f"/api/v1/manage/posts/{post['id']}/publication", {}, **editor)

    def send(number):
        words = {"author_name": "Ann", "author_email": "a@example.org", "body": f"Warm {number}"}
        return ask(site.port, "POST", f"/api/v1/posts/{post['slug']}/comments", words).status

    with ThreadPoolExecutor(12) as pool:
        found = Counter(pool.map(send, range(36)))

    assert found[202] == MOST
    assert set(found) <= {202, 429, 503}
