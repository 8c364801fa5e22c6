"""B16: nobody and nothing takes the end of one request for the beginning of another.

Each odd request is followed, on its connection, by a marked one that it may try to swallow or to
let pass for its own. The server is the real one.
"""

import json

import pytest

from tests.faults.sites import served
from tests.threats.raw_requests import talk

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B16")]

COMMENT = "/api/v1/posts/none/comments"
# Each is known by the name that its answer has.
MARKED, HIDDEN = "marked-request", "hidden-request"
MARKER = f"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: {MARKED}\r\nConnection: close\r\n\r\n"
SMUGGLED = f"GET /api/v1/site HTTP/1.1\r\nHost: x\r\nX-Request-Id: {HIDDEN}\r\n\r\n"
MARKER, SMUGGLED = MARKER.encode(), SMUGGLED.encode()
CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with served(tmp_path_factory.mktemp("site"), CMS_WORKERS="1") as site:
        yield site.port


def request(method, *headers, body=b"", path=COMMENT, version="HTTP/1.1"):
    lines = [f"{method} {path} {version}", "Host: x", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


BOTH = ("Content-Length: 2", "Transfer-Encoding: chunked")
LENGTHS = ["0", "2", "12", "50", "18446744073709551617"]
# A request that ends in one place by its length, and in another by its chunks.
TWO_ENDS = {
    f"{method}, {' and '.join(given)}": request(method, *given, body=CHUNKS)
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
    for given in [
        BOTH,
        BOTH[::-1],
        (BOTH[1],),
        *((f"Content-Length: {n}", BOTH[1]) for n in LENGTHS),
    ]
}
# What the server's own parser takes for no request, or for one without an end.
BROKEN = {
    "two lengths": request("POST", "Content-Length: 2", "Content-Length: 3", body=b"{}"),
    "a list of lengths": request("POST", "Content-Length: 2, 3", body=b"{}"),
    "a signed length": request("POST", "Content-Length: +2", body=b"{}"),
    "a negative length": request("POST", "Content-Length: -2", body=b"{}"),
    "a length in hexadecimal": request("POST", "Content-Length: 0x2", body=b"{}"),
    "a length with a space": request("POST", "Content-Length: 1 2", body=b"{}"),
    "a length of 2**64": request("POST", "Content-Length: 18446744073709551618", body=b"{}"),
    "no number": request("POST", "Content-Length: two", body=b"{}"),
    "a space before the colon": request("POST", "Content-Length : 2", body=b"{}"),
    "a tab before the colon": request("POST", "Transfer-Encoding\t: chunked", body=CHUNKS),
    "chunked, and not last": request("POST", "Transfer-Encoding: chunked, gzip", body=CHUNKS),
    "chunked in other words": request("POST", "Transfer-Encoding: xchunked", body=CHUNKS),
    "chunked, quoted": request("POST", 'Transfer-Encoding: "chunked"', body=CHUNKS),
    "identity": request("POST", "Transfer-Encoding: identity", body=b"{}"),
    "chunked in HTTP/1.0": request("POST", BOTH[1], body=CHUNKS, version="HTTP/1.0"),
    "a folded line": request("POST", "X: a\r\n Transfer-Encoding: chunked", body=CHUNKS),
    "a line that is no header": request("POST", "nonsense", body=b"{}"),
    "a carriage return in a value": request("POST", "X: a\rContent-Length: 50", body=b"{}"),
    "NUL in a value": request("POST", "X: a\0b", body=b"{}"),
    "NUL in a name": request("POST", "X\0: a", body=b"{}"),
    "no host's line, and half a head": b"POST / HTTP/1.1\r\nContent-",
    "another version": request("GET", version="HTTP/1.2"),
    "another protocol": request("GET", version="ICAP/1.0"),
    "no method": b" /api/v1/site HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the path": request("GET", path="/api/v1/site x"),
}
CHUNKED = "Transfer-Encoding: chunked"
BROKEN_CHUNKS = {
    "a size in words": b"two\r\n{}\r\n0\r\n\r\n",
    "a negative size": b"-2\r\n{}\r\n0\r\n\r\n",
    "a size with 0x": b"0x2\r\n{}\r\n0\r\n\r\n",
    "a size that wraps around": b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk that is longer than it says": b"1\r\n{}\r\n0\r\n\r\n",
    "bare line feeds": b"2\n{}\n0\n\n",
    "no last chunk": b"2\r\n{}\r\n",
}


@pytest.mark.parametrize("raw", TWO_ENDS.values(), ids=TWO_ENDS)
def test_a_request_with_two_ends_is_refused_and_is_the_last(port, raw):
    (answer,) = heard(port, raw)

    # That which takes a body is read by its chunks; there is nothing in these to be taken.
    assert answer.status == 400 or (answer.status in {405, 422} and raw[:1] in b"PD")
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_a_broken_head_is_refused_and_is_the_last(port, raw):
    assert [one.status for one in heard(port, raw)] in ([400], [])


@pytest.mark.parametrize("chunks", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_what_follows_broken_chunks_is_not_heard(port, chunks):
    found = heard(port, request("POST", CHUNKED, body=chunks))

    assert len(found) <= 1
    assert all(one.status >= 400 for one in found)


@pytest.mark.parametrize("method", ["get", "Get", "post", "pOST", "head", "options", "delete"])
def test_a_method_is_a_word_in_capitals(port, method):
    (plain,) = talk(port, request(method, "Connection: close"))
    (chunked,) = heard(port, request(method, CHUNKED, body=CHUNKS))

    refusals = {(one.status, json.loads(one.body)["reason"]) for one in (plain, chunked)}
    assert refusals == {(501, "unknown_method")}
    assert (bool(name_of(plain)), chunked.headers["Connection"]) == (True, "close")


def heard(port, raw):
    """The answers to a request and to what is hidden behind it: the marked ones are not there."""
    found = talk(port, raw + SMUGGLED + MARKER)
    assert {MARKED, HIDDEN} & {name_of(one) for one in found} == set()
    return found


def name_of(answer):
    return answer.headers.get("X-Request-Id")


def test_a_bare_line_feed_ends_a_line(port):
    """As RFC 9112 allows: what follows is a header, and counts."""
    hidden = f"X: a\nContent-Length: {len(SMUGGLED)}"

    found = talk(port, request("POST", hidden, body=SMUGGLED) + MARKER)

    assert [one.status for one in found] == [400, 200]
    assert name_of(found[1]) == MARKED


def test_a_length_that_the_server_drops_lets_nothing_through(port):
    """A proxy that goes by the length sees one request: its body is all that it says."""
    body = b"0\r\n\r\n" + SMUGGLED
    both = (CHUNKED, f"Content-Length: {len(body)}")

    found = talk(port, request("POST", *both, body=body) + MARKER)

    assert [one.status for one in found] == [400]
    assert found[0].headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("first", "status"),
    [
        pytest.param(request("POST", "Content-Length: 2", body=b"{}"), 422, id="a length"),
        pytest.param(request("GET", path="/api/v1/site"), 200, id="nothing"),
        pytest.param(request("GET", "Content-Length: 2", body=b"{}"), 404, id="a GET with a body"),
        pytest.param(
            request("POST", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED), 400, id="a request"
        ),
    ],
)
def test_what_comes_after_a_whole_request_is_the_next(port, first, status):
    found = talk(port, first + MARKER)

    assert [one.status for one in found] == [status, 200]
    assert name_of(found[1]) == MARKED


def test_a_chunked_request_is_read_whole_and_is_the_last(port):
    found = talk(port, request("POST", CHUNKED, body=CHUNKS) + MARKER)

    assert [(one.status, one.headers["Connection"]) for one in found] == [(422, "close")]
