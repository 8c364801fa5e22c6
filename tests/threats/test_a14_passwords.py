"""A14: wherever a password is set or asked for, it is looked at whole."""

import unicodedata

import pytest
from click.testing import CliRunner
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from cms.cli.user import user
from cms.database import transaction
from cms.extensions import db
from cms.models import Mail, User
from cms.models.base import new_id
from cms.services import clock, mail_links, passwords
from tests.api.auth.people import CHANGE, browse, join, log_in
from tests.api.refusals import contents
from tests.building import ANY, NOWHERE, PASSWORD

pytestmark = [
    *(pytest.mark.thorough, pytest.mark.threat("A14")),
    pytest.mark.usefixtures("unlimited"),
]

USERS, MIA = "/api/v1/manage/users", "mia@example.org"
COMMON = [one for one in FREQUENCY_LISTS["passwords"] if 8 <= len(one) <= passwords.LONGEST]


class Setting:
    """Every way in which a person's password is set; each answers a status."""

    def __init__(self, app, admin):
        self.app, self.admin = app, admin
        self.id = join(app)

    def by_oneself(self, password):
        with self.app.app_context(), transaction():
            known = passwords.hash_password(PASSWORD)
            db.session.get(User, self.id).password_hash = known
        values = {"current_password": PASSWORD, "new_password": password}
        return browse(self.app).post(CHANGE, values).status_code

    def by_an_admin(self, password):
        url, values = f"{USERS}/{self.id}", {"password": password}
        return self.admin.patch(url, json=values, headers=ANY).status_code

    def with_the_account(self, password):
        self.admin.delete(f"{USERS}/{self.id}", headers=ANY)
        values = {"email": MIA, "name": "Mia", "role": "viewer", "password": password}
        answer = self.admin.post(USERS, json=values)
        self.id = answer.json["data"]["id"] if answer.status_code == 201 else NOWHERE
        return answer.status_code

    def by_mail(self, password):
        with self.app.app_context(), transaction():
            mail = Mail(id=new_id(), user_id=self.id, created_at=clock.now())
            token = mail_links.for_password(mail)
        url = f"/api/v1/auth/password-reset/{token}"
        return self.app.test_client().post(url, json={"password": password}).status_code

    def by_the_command_line(self, password):
        with self.app.app_context():
            ran = CliRunner().invoke(user, ["password", MIA], input=f"{password}\n")
        return 204 if ran.exit_code == 0 else 422


WAYS = [name for name in vars(Setting) if not name.startswith("_")]
WEAK = {
    "empty": "",
    "short": "x7#kq2!",
    "short once it is composed": "e\u0301" * 7,
    "common": "password1",
    "common, in capitals": "PASSWORD1",
    "the address": MIA,
    "long": "x" * 257,
    "a megabyte": "x" * 1_000_000,
}
GOOD = {
    "of 8": "x7#kq2!z",
    "of 100": "0123456789" * 10,
    "of 256": "mia! " * 51 + "x",
    "with spaces around": "  spaces count  ",
    "of no letters": "🎉🎂🎈🎁🎊🎀🎃🎄",
}


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK)
@pytest.mark.parametrize("way", WAYS)
def test_a_weak_one_is_set_in_no_way(app, admin, way, password):
    setting = Setting(app, admin)
    before = contents(app)["users"]

    assert getattr(setting, way)(password) in {413, 422}

    if way not in {"with_the_account", "by_oneself"}:
        assert contents(app)["users"] == before
    assert log_in(app.test_client(), password=password).status_code in {401, 413, 422}


@pytest.mark.parametrize("password", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("way", WAYS)
def test_a_good_one_counts_whole_however_it_is_set(app, admin, way, password):
    assert getattr(Setting(app, admin), way)(password) < 300

    def status(tried):
        return log_in(app.test_client(), password=tried).status_code

    assert status(password) == 200
    wrong = {password[:-1], password[:72], password + " ", password.strip(), password.upper()}
    assert {status(one) for one in wrong - {password, ""}} <= {401}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_letters_are_the_same_however_they_are_composed(app, admin, way, form):
    words = "Zoë más größer café"
    assert getattr(Setting(app, admin), way)(unicodedata.normalize(form, words)) < 300

    for other in ("NFC", "NFD"):
        typed = unicodedata.normalize(other, words)
        assert log_in(app.test_client(), password=typed).status_code == 200


def test_none_of_the_common_ones_is_taken(app):
    """Some over HTTP, as somebody may type them; of all, see `tests/services/test_passwords.py`."""
    some = COMMON[::10]
    assert len(some) > 1_000
    join(app)
    mia, taken = browse(app), []
    for at, one in enumerate(some):
        typed = (one, one.upper(), one.capitalize())[at % 3]
        values = {"current_password": PASSWORD, "new_password": typed}
        if mia.post(CHANGE, values).json["reason"] != "weak_password":
            taken.append(one)

    assert taken == []
