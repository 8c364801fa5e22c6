"""B14: a body is as long as its head says, or nothing comes of it. The server is the real one."""

import gzip
import json

import pytest

from tests.faults.sites import served
from tests.threats.asking import ask
from tests.threats.raw_requests import talk

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B14")]

TAGS = "/api/v1/manage/tags"
# Of `/manage`, by the setting; where somebody signs in, it is 16,000.
LIMIT, STRANGERS = 100_000, 16_000


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    given = {"CMS_DATABASE_URL": database, "CMS_MAX_BODY_BYTES": str(LIMIT)}
    with served(tmp_path_factory.mktemp("site"), **given) as found:
        yield found


def send(site, body, *headers, path=TAGS):
    """The status of a request, and how many tags there are after it."""
    before = number(site)
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    lines += [f"Authorization: Bearer {site.token}", "Connection: close"]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    answers = talk(site.port, head + body)
    return [one.status for one in answers], number(site) - before


def number(site):
    bearer = f"Bearer {site.token}"
    answer = ask(site.port, "GET", f"{TAGS}?total=true&limit=1", Authorization=bearer)
    return json.loads(answer.text)["meta"]["total"]


def body_of(size, name="Heat"):
    """A tag's JSON of just so many bytes."""
    start = json.dumps({"name": name})
    return (start[:-1] + " " * (size - len(start)) + "}").encode()


def length(number):
    return f"Content-Length: {number}"


CHUNKED = "Transfer-Encoding: chunked"


def chunked(body, size=8_000):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in [*parts, b""])


@pytest.mark.parametrize("how", ["with a length", "chunked"])
@pytest.mark.parametrize(
    ("size", "expected"), [(LIMIT - 1, 201), (LIMIT, 201), (LIMIT + 1, 413), (LIMIT * 50, 413)]
)
def test_a_body_is_taken_up_to_its_limit(site, how, size, expected):
    body = body_of(size)
    sent = (chunked(body), CHUNKED) if how == "chunked" else (body, length(size))

    assert send(site, *sent) == ([expected], int(expected == 201))


@pytest.mark.parametrize("how", ["with a length", "chunked"])
def test_a_stranger_has_a_limit_of_their_own(site, how):
    for size, expected in ((STRANGERS, 401), (STRANGERS + 1, 413)):
        values = {"email": "a@example.org", "password": "x"}
        body = (json.dumps(values)[:-1] + " " * (size - len(json.dumps(values))) + "}").encode()
        sent = (chunked(body), CHUNKED) if how == "chunked" else (body, length(size))
        assert send(site, *sent, path="/api/v1/auth/login") == ([expected], 0)


def test_a_length_that_is_too_small_cuts_a_body_off(site):
    body = body_of(40)

    statuses, made = send(site, body, length(39))

    assert (statuses[0], made) == (400, 0)


def test_a_length_that_is_too_large_is_waited_for_and_refused(site):
    statuses, made = send(site, body_of(40), length(41))

    assert (statuses, made) in (([408], 0), ([], 0))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "x-gzip", "identity, gzip"])
def test_a_coded_body_is_read_as_it_is(site, coding):
    """No bomb is ever unfolded: nothing is."""
    bomb = gzip.compress(b"[" * 50_000_000, 9)
    assert len(bomb) < LIMIT

    statuses, made = send(site, bomb, length(len(bomb)), f"Content-Encoding: {coding}")

    assert (statuses[0] in {400, 415}, made) == (True, 0)
