"""C2: no whole address of anybody stays in the database, an export or a log."""

import json
import logging

import pytest
from click.testing import CliRunner

from cms.cli.comment import comment
from cms.extensions import db
from cms.models import RateLimit
from tests import commenting
from tests.api.auth.people import LOGIN, WRONG, join
from tests.api.refusals import contents
from tests.building import PASSWORD

pytestmark = [pytest.mark.thorough, pytest.mark.threat("C2")]

# What is looked for, and what may stay of it.
ADDRESSES = {
    "203.0.113.77": ["203.0.113.0/24"],
    "2001:db8:1:2:aaaa:bbbb:cccc:dddd": ["2001:db8:1::/48", "2001:db8:1:2::/64"],
}


@pytest.fixture(params=ADDRESSES)
def visitor(request, app, admin, post, caplog):
    """An address from which all was done that anybody can do."""
    caplog.set_level(logging.DEBUG)
    sent = {"environ_base": {"REMOTE_ADDR": request.param}}
    client, page = app.test_client(), f"/api/v1/posts/{post['slug']}"
    join(app)
    for password in (WRONG, PASSWORD):
        client.post(LOGIN, json={"email": "mia@example.org", "password": password}, **sent)
    client.post("/api/v1/auth/password-reset", json={"email": "mia@example.org"}, **sent)
    given = client.post(f"{page}/comments", json=commenting.words(), **sent).json["data"]
    receipt = {"Authorization": f"Receipt {given['receipt']}"}
    url = f"/api/v1/comments/{given['id']}/receipt"
    assert client.patch(url, json={"body": "More."}, headers=receipt, **sent).status_code == 200
    for path in (page, f"{page}/comments", "/api/v1/search?q=nothing-like-it"):
        client.get(path, **sent)
    commenting.moderate(admin, given["id"], status="approved")
    return request.param


def test_the_database_holds_no_whole_address(app, visitor):
    kept = json.dumps({**contents(app), "rate_limits": limits(app)})

    assert "mia@example.org" in kept
    assert visitor not in kept


def limits(app):
    """What is left out of what a refusal must not change."""
    with app.app_context():
        return [str(vars(one)) for one in db.session.query(RateLimit)]


def test_what_editors_are_shown_holds_no_whole_address(admin, visitor):
    shown = "".join(
        admin.get(f"/api/v1/manage/{path}").text
        for path in ("comments", "audit-log", "users", "searches?days=30", "stats")
    )
    shown += admin.post("/api/v1/manage/privacy/export", json={"email": "mia@example.org"}).text

    assert any(network in shown for network in ADDRESSES[visitor])
    assert visitor not in shown


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_holds_no_whole_address(app, visitor, tmp_path, kind):
    file = tmp_path / f"comments.{kind}"
    with app.app_context():
        ran = CliRunner().invoke(comment, ["export", str(file)])
    assert ran.exit_code == 0, ran.output

    assert visitor not in file.read_text()


def test_no_log_holds_an_address_or_its_network(visitor, caplog):
    for one in (visitor, *ADDRESSES[visitor]):
        assert one not in caplog.text
