"""A15: no database, answer or log holds a token once it was shown."""

import json
import logging

import pytest

from cms.services import token_uses
from tests.api.auth.people import ME, TOKENS, browse, join, make_token
from tests.api.refusals import contents
from tests.api.test_access_matrix import PART, rows
from tests.building import ANY, NOWHERE

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A15")]


@pytest.fixture
def made(app):
    join(app, "admin")
    return make_token(browse(app))


def use(app, made, url=ME, method="GET", **headers):
    bearer = {"Authorization": f"Bearer {made['token']}"} | headers
    return app.test_client(use_cookies=False).open(url, method=method, headers=bearer)


def test_the_database_does_not_hold_it(app, made):
    use(app, made)
    app.extensions[token_uses.EXTENSION].write()

    kept = json.dumps(contents(app))

    assert made["prefix"] in kept
    assert made["token"] not in kept
    assert made["token"][len(made["prefix"]) :] not in kept


def test_no_answer_shows_it_again(app, made):
    """All reads, by the token itself, with its own address among them."""
    addresses = [one.values[1] for one in rows() if one.values[0] == "GET"]
    urls = [PART.sub(NOWHERE, address.replace("<number:number>", "1")) for address in addresses]

    for url in [*urls, TOKENS, f"{TOKENS}?user_id=*", f"{ME}?token=x"]:
        answer = use(app, made, url)
        text = answer.get_data(as_text=True) + str(answer.headers)
        answer.close()
        assert made["token"] not in text, url
        assert "digest" not in text or "openapi" in url, url


def test_no_log_holds_it(app, made, caplog):
    caplog.set_level(logging.DEBUG)
    for method, address, *_ in (one.values for one in rows()):
        url = PART.sub(NOWHERE, address.replace("<number:number>", "1"))
        if address != "/api/v1/auth/tokens/<id:token_id>":
            use(app, made, url, method, **ANY).close()

    assert made["token"][len(made["prefix"]) :] not in caplog.text


@pytest.mark.parametrize("place", ["?token={}", "?access_token={}", "?api_key={}", "/{}"])
def test_it_is_no_part_of_an_address(client, made, place):
    for path in ("/api/v1/posts", ME, "/api/v1/manage/posts"):
        answer = client.get(path + place.format(made["token"]))
        assert answer.status_code in {400, 401, 404}
        assert made["token"] not in answer.text


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Receipt", "cms", "Bearer Bearer", ""])
def test_it_is_good_under_its_own_scheme_alone(app, made, scheme):
    header = f"{scheme} {made['token']}".strip()

    answer = app.test_client().get(ME, headers={"Authorization": header})

    assert answer.status_code == 401


def test_it_is_no_cookie(app, made):
    client = app.test_client()
    client.set_cookie("cms_session", made["token"])

    assert client.get(ME).status_code == 401
