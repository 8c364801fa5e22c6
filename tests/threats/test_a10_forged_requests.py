"""A10: no page of another site changes anything through a browser that is signed in: no route."""

import json

import pytest

from tests.api.auth.people import LOGIN, browse, join
from tests.api.refusals import assert_problem, contents
from tests.api.test_access_matrix import PART, rows
from tests.building import ANY, NOWHERE

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A10")]

# What is for strangers acts for no cookie.
FOR_STRANGERS = {"POST /api/v1/auth/login", "POST /api/v1/auth/password-reset"}
FOR_STRANGERS |= {"POST /api/v1/auth/password-reset/<token:token>"}
FOR_STRANGERS |= {"POST /api/v1/auth/comment-links/<token:token>/<verb:verb>"}
FORMS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
ORIGINS = ["https://evil.example", "null", "", "http://editor.example.org", "https://example.org"]


def written(*starts):
    for one in rows():
        method, address, *_ = one.values
        name = f"{method} {address}"
        if method != "GET" and address.startswith(starts) and name not in FOR_STRANGERS:
            yield name


EDITORS = list(written("/api/v1/manage/", "/api/v1/auth/"))

# One body is a form; where none is read, what is forged is the request, and that takes the token.
WITHOUT_JSON = {"POST /api/v1/manage/media", "POST /api/v1/auth/logout"}
# It takes a file.
WITHOUT_JSON |= {"POST /api/v1/manage/comments/import"}
WITHOUT_JSON |= {one for one in EDITORS if one.startswith("DELETE")}


@pytest.fixture
def mia(app):
    join(app, "admin")
    return browse(app)


def ask(mia, name, headers, **sent):
    method, address = name.split()
    url = PART.sub(NOWHERE, address.replace("<number:number>", "1"))
    return mia.client.open(url, method=method, headers=ANY | headers, **sent)


@pytest.mark.parametrize("name", EDITORS)
def test_a_cookie_alone_changes_nothing(app, mia, name):
    before = contents(app)

    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x" * 43}):
        assert_problem(ask(mia, name, headers, json={}), 403, "bad_csrf_token")
    for origin in ORIGINS:
        headers = {"X-CSRF-Token": mia.csrf_token, "Origin": origin}
        assert_problem(ask(mia, name, headers, json={}), 403, "bad_origin")

    assert contents(app) == before
    assert mia.me() == 200


@pytest.mark.parametrize("name", sorted({*EDITORS} - WITHOUT_JSON))
def test_a_form_is_no_body(app, mia, name):
    before, headers = contents(app), {"X-CSRF-Token": mia.csrf_token}

    for kind in FORMS:
        answer = ask(mia, name, headers, data=json.dumps({"x": 1}), content_type=kind)
        # 404: a route that reads no body.
        assert answer.status_code in {404, 415}, (kind, answer.text)

    assert contents(app) == before


@pytest.mark.parametrize("kind", FORMS)
def test_no_form_signs_anybody_in(app, client, kind):
    join(app)
    values = json.dumps({"email": "mia@example.org", "password": "correct horse battery staple"})

    answer = client.post(LOGIN, data=values, content_type=kind)

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (415, False)


def test_no_read_changes_anything(app, mia, row):
    """GET and HEAD of every address, with all that asks for something else."""
    other = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE", "X-Method": "POST"}
    addresses = {one.values[1] for one in rows() if "<path:path>" not in one.values[1]}
    before = contents(app)

    for address in sorted(addresses):
        with row(address):
            url = PART.sub(NOWHERE, address.replace("<number:number>", "1"))
            for method in ("GET", "HEAD"):
                answer = mia.client.open(url, method=method, headers=other, json={"_method": "PUT"})
                assert answer.status_code < 500

    assert contents(app) == before
    assert mia.me() == 200
