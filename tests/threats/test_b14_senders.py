"""B14: who sends, and how slowly, is no one else's trouble. The server is the real one."""

import secrets
import time
from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from tests.faults.sites import served
from tests.threats.asking import ask
from tests.threats.raw_requests import begun, statuses_on, talk

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B14")]

# A body that is sent in so many parts, two a second, outlives what forms may take.
PARTS = 28
JSON = "Content-Type: application/json"
FORM = "Content-Type: multipart/form-data; boundary=limit"
MEDIA, TAGS = "/api/v1/manage/media", "/api/v1/manage/tags"
COMMENTS = "/api/v1/posts/none/comments"


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    given = {"CMS_DATABASE_URL": database, "CMS_TRUSTED_PROXIES": "1"}
    with served(tmp_path_factory.mktemp("site"), **given) as found:
        yield found


def head(path, *headers, sender="192.0.2.1", length=1_000_000, method="POST"):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"X-Forwarded-For: {sender}", *headers]
    lines += [f"Content-Length: {length}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def bearer(site):
    return f"Authorization: Bearer {site.token}"


def person(site, role):
    """Somebody with this role, and a token that reaches all that the role may do."""
    email = f"{secrets.token_hex(4)}@example.org"
    given = {"name": "P", "email": email, "role": role, "password": secrets.token_urlsafe(16)}
    made = site.ask("POST", "/api/v1/manage/users", given)
    wanted = {"name": "t", "scopes": ["admin"], "user_id": made.body["data"]["id"]}
    proof = {"Authorization": f"Bearer {site.token}"}
    token = site.ask("POST", "/api/v1/auth/tokens", wanted, proof).body["data"]["token"]
    return replace(site, token=token)


def saved(site, number, sender):
    """The status of a tag's POST."""
    given = {"Authorization": f"Bearer {site.token}", "X_Forwarded_For": sender}
    name = f"{sender} {number}".replace(".", "-")
    return ask(site.port, "POST", TAGS, {"name": name}, **given).status


@pytest.mark.parametrize("path", [MEDIA, TAGS, "/api/v1/manage/comments/import"])
@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ((), "not_signed_in"),
        (("Cookie: cms_session=none",), "not_signed_in"),
        (("Authorization: Bearer cms_none",), "bad_token"),
        (("Authorization: Receipt none",), "bad_token"),
    ],
)
def test_a_stranger_is_answered_unread(site, path, proof, reason):
    began = time.monotonic()

    (answer,) = talk(site.port, head(path, *proof, FORM, length=100_000) + b"x")

    assert (answer.status, reason.encode() in answer.body) == (401, True)
    assert time.monotonic() - began < 9


@pytest.mark.parametrize(
    ("path", "role", "reason"),
    [
        (MEDIA, "viewer", "media_create"),
        (MEDIA, "moderator", "media_create"),
        ("/api/v1/manage/comments/import", "editor", "comment_archive"),
    ],
)
def test_who_may_not_send_files_is_answered_unread(site, path, role, reason):
    began = time.monotonic()

    (answer,) = talk(site.port, head(path, bearer(person(site, role)), FORM, length=100_000) + b"x")

    assert (answer.status, reason.encode() in answer.body) == (403, True)
    assert time.monotonic() - began < 9


@pytest.mark.parametrize("path", ["password", "tokens", "me"])
def test_a_stranger_to_what_is_behind_signing_in_is_answered_unread(site, path):
    method = "PATCH" if path == "me" else "POST"
    began = time.monotonic()

    (answer,) = talk(site.port, head(f"/api/v1/auth/{path}", JSON, length=99, method=method) + b"{")

    assert (answer.status, b"not_signed_in" in answer.body) == (401, True)
    assert time.monotonic() - began < 3


def test_strangers_who_send_files_hold_nobody_up(site):
    with ExitStack() as held:
        for number in range(8):
            stranger = head(MEDIA, FORM, sender=f"192.0.2.{number}")
            held.enter_context(begun(site.port, stranger + b"x"))
        time.sleep(0.5)

        statuses = {saved(site, number, "198.51.100.1") for number in range(20)}

    assert statuses == {201}


def test_who_sends_a_file_saves_meanwhile(site):
    with ExitStack() as held:
        for _ in range(8):
            sent = head(MEDIA, bearer(site), FORM, sender="198.51.100.2") + b"x"
            held.enter_context(begun(site.port, sent))
        time.sleep(0.5)

        statuses = {saved(site, number, "198.51.100.2") for number in range(24)}

    assert statuses == {201}


def test_files_never_take_all_threads(site):
    with ExitStack() as held:
        for number in range(16):
            sent = head(MEDIA, bearer(site), FORM, sender=f"198.51.100.{number}") + b"x"
            held.enter_context(begun(site.port, sent))
        for number in range(16):
            comment = head(COMMENTS, JSON, sender=f"203.0.113.{number}", length=100)
            held.enter_context(begun(site.port, comment + b"{"))
        time.sleep(0.5)

        found = {ask(site.port, "GET", "/api/v1/posts?limit=1").status for _ in range(20)}

    assert found == {200}


def test_a_file_that_takes_its_time_outlives_the_slow_forms_of_others(site):
    body = form_of(picture())
    sent = head(MEDIA, bearer(site), FORM, length=len(body))
    with begun(site.port, sent) as file, ExitStack() as held:
        # The server has two processes: each gets some of them.
        for number in range(12):
            comment = head(COMMENTS, JSON, sender=f"203.0.113.{number}", length=100)
            held.enter_context(begun(site.port, comment + b"{"))
        for part in range(PARTS):
            file.sendall(body[part * len(body) // PARTS : (part + 1) * len(body) // PARTS])
            time.sleep(0.5)

        assert statuses_on(file) == [201]


def picture():
    """A PNG of some 40 kB that can not be packed."""
    made = BytesIO()
    Image.frombytes("RGB", (120, 120), secrets.token_bytes(120 * 120 * 3)).save(made, "PNG")
    return made.getvalue()


def form_of(file):
    disposition = b'Content-Disposition: form-data; name="file"; filename="noise.png"'
    return b"--limit\r\n%s\r\n\r\n%s\r\n--limit--\r\n" % (disposition, file)
