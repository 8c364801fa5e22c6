"""A8: what ends a session or a token ends it in every process, at the next request."""

from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import Integer, inspect

from cms.extensions import db
from cms.models import Base
from tests.api.auth.people import browse, join, make_token, status_with
from tests.building import ANY, PASSWORD
from tests.faults.sites import served
from tests.threats.asking import ask

pytestmark = [pytest.mark.thorough, pytest.mark.threat("A8")]

ME, USERS, TOKENS = "/api/v1/auth/me", "/api/v1/manage/users", "/api/v1/auth/tokens"
NEW = "another good long password"
# So many connections reach each of two processes.
CONNECTIONS = 24
_numbers = count()


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with served(folder, CMS_DATABASE_URL=database, CMS_METRICS_PORT="0") as found:
        yield found


class Person:
    """Somebody with a cookie, another in another browser, and a token."""

    def __init__(self, site):
        self.site, self.email = site, f"mia{next(_numbers)}@example.org"
        values = {"email": self.email, "name": "Mia", "role": "editor", "password": PASSWORD}
        self.id = self.admin("POST", USERS, values).data["id"]
        (self.cookie, self.csrf), (self.other, _) = self.sign_in(), self.sign_in()
        values = {"name": "build", "scopes": ["admin"]}
        self.token = self.mine("POST", TOKENS, values).data

    def admin(self, method, path, body=None):
        bearer = f"Bearer {self.site.token}"
        answer = ask(self.site.port, method, path, body, Authorization=bearer, If_Match="*")
        assert answer.status < 300, answer
        return answer

    def mine(self, method, path, body=None):
        given = {"Cookie": self.cookie, "X_CSRF_Token": self.csrf}
        answer = ask(self.site.port, method, path, body, **given)
        assert answer.status < 300, answer
        return answer

    def sign_in(self):
        values = {"email": self.email, "password": PASSWORD}
        answer = ask(self.site.port, "POST", "/api/v1/auth/login", values)
        assert answer.status == 200, answer
        return answer.headers["Set-Cookie"].partition(";")[0], answer.data["csrf_token"]

    def statuses(self):
        """What each proof is answered, by all processes."""
        bearer = f"Bearer {self.token['token']}"
        proofs = [{"Cookie": self.cookie}, {"Cookie": self.other}, {"Authorization": bearer}]
        return [
            {ask(self.site.port, "GET", ME, **proof).status for _ in range(CONNECTIONS)}
            for proof in proofs
        ]


GOOD, OVER = {200}, {401}
# What happens, and which of a cookie, another browser's and a token are good afterwards.
EVENTS: dict[str, tuple[Callable[[Person], object], list[set[int]]]] = {
    "nothing": (lambda _: None, [GOOD, GOOD, GOOD]),
    "signing out": (lambda mia: mia.mine("POST", "/api/v1/auth/logout"), [OVER, GOOD, GOOD]),
    "a password": (
        lambda mia: mia.mine(
            "POST", "/api/v1/auth/password", {"current_password": PASSWORD, "new_password": NEW}
        ),
        [OVER, OVER, OVER],
    ),
    "a password by an admin": (
        lambda mia: mia.admin("PATCH", f"{USERS}/{mia.id}", {"password": NEW}),
        [OVER, OVER, OVER],
    ),
    "suspension": (
        lambda mia: mia.admin("PATCH", f"{USERS}/{mia.id}", {"suspended": True}),
        [OVER, OVER, OVER],
    ),
    "a role": (
        lambda mia: mia.admin("PATCH", f"{USERS}/{mia.id}", {"role": "viewer"}),
        [OVER, OVER, GOOD],
    ),
    "removal": (lambda mia: mia.admin("DELETE", f"{USERS}/{mia.id}"), [OVER, OVER, OVER]),
    "revoking": (
        lambda mia: mia.mine("DELETE", f"{TOKENS}/{mia.token['id']}"),
        [GOOD, GOOD, OVER],
    ),
}


@pytest.mark.parametrize(("happen", "expected"), EVENTS.values(), ids=EVENTS)
def test_a_proof_is_over_in_every_process(site, happen, expected):
    mia = Person(site)
    assert mia.statuses() == [GOOD] * 3

    happen(mia)

    assert mia.statuses() == expected


def test_no_id_is_ever_given_twice(app, admin):
    """The newest of each goes, and another comes: the old proofs are nobody's."""
    seen, proofs = [], []
    for _ in range(3):
        user_id = join(app)
        mia = browse(app)
        made = make_token(mia)
        seen += [user_id, made["id"], made["token"], mia.csrf_token]
        proofs.append((mia, made["token"]))
        admin.delete(f"{USERS}/{user_id}", headers=ANY)

    join(app)

    assert len(set(seen)) == len(seen)
    assert [(mia.me(), status_with(app, token)) for mia, token in proofs] == [(401, 401)] * 3


def test_every_number_that_names_a_row_is_used_once(app):
    """What the database counts by itself goes on counting, whatever was deleted."""
    with app.app_context():
        counted = [table for table in Base.metadata.sorted_tables if _counts(table)]
        is_sqlite = db.engine.dialect.name == "sqlite"
        known = inspect(db.engine)

    assert counted
    for table in counted:
        if is_sqlite:
            assert table.dialect_options["sqlite"]["autoincrement"], table.name
        else:
            (column,) = table.primary_key.columns
            kept = {one["name"]: one for one in known.get_columns(table.name)}[column.name]
            assert "nextval" in (kept["default"] or "") or kept.get("identity"), table.name


def _counts(table):
    keys = list(table.primary_key.columns)
    alone = len(keys) == 1 and isinstance(keys[0].type, Integer) and not keys[0].foreign_keys
    return alone and keys[0].autoincrement in (True, "auto")
