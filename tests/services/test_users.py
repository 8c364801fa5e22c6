"""Users, as the command line and the API both see them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cms import database
from cms.actor import OPERATOR, Actor
from cms.database import transaction
from cms.errors import CmsError, Invalid, NotFound
from cms.extensions import db
from cms.models import Role, User
from cms.services import contact, emails, own_passwords, passwords, sessions, users
from tests import building
from tests.api.auth.people import CHANGE, browse, join
from tests.building import ANY, PASSWORD

NEW = "another horse, another staple"


@pytest.fixture
def context(app):
    with app.app_context():
        yield app


def active_admins():
    return db.session.query(User).filter_by(role=Role.ADMIN, suspended=False).count()


# How an admin may stop being one.
WAYS_OUT = [
    lambda user_id: users.remove(OPERATOR, user_id, None),
    lambda user_id: users.suspend(OPERATOR, user_id),
    lambda user_id: users.edit(OPERATOR, user_id, None, {"role": Role.VIEWER}),
]


class TestTheLastAdmin:
    @pytest.mark.parametrize("way", WAYS_OUT)
    def test_stays_when_all_leave_at_once(self, app, way):
        with app.app_context():
            admins = [building.person("admin") for _ in range(4)]
        together = Barrier(4)

        def leave(user_id):
            with app.app_context():
                together.wait()
                try:
                    with transaction():
                        way(user_id)
                except CmsError as error:
                    return error.reason

        with ThreadPoolExecutor(4) as pool:
            reasons = list(pool.map(leave, admins))
        with app.app_context():
            assert (sorted(filter(None, reasons)), active_admins()) == (["last_admin"], 1)


def test_a_name_on_two_lines_is_refused_for_users_and_their_changes(context):
    person_id = building.person("editor")

    for way in (
        lambda: users.add(OPERATOR, **person() | {"name": "two\nlines"}),
        lambda: users.edit(OPERATOR, person_id, None, {"name": "two\nlines"}),
    ):
        with pytest.raises(Invalid, match=r"U\+000A"), transaction():
            way()


class TestTwoAtOnce:
    def test_with_one_address_leave_one_user(self, app):
        def add(number):
            with app.app_context():
                try:
                    with transaction():
                        users.add(OPERATOR, **person())
                except Exception as error:
                    return type(error).__name__

        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(add, range(4)))

        assert sorted(map(str, outcomes)) == ["IntegrityError"] * 3 + ["None"]

    def test_a_suspension_ends_every_session_that_a_race_starts(self, app):
        with app.app_context(), transaction():
            user_id = users.add(OPERATOR, **person()).id

        def sign_in(number):
            with app.app_context():
                if number == 3:
                    with transaction():
                        users.suspend(OPERATOR, user_id)
                    return None
                try:
                    proof = sessions.prove("mia@example.org", PASSWORD)
                    with transaction():
                        return sessions.sign_in(proof)[1]
                except CmsError:
                    return None

        with ThreadPoolExecutor(8) as pool:
            secrets = [one for one in pool.map(sign_in, range(8)) if one]
        with app.app_context():
            assert [sessions.actor(secret) for secret in secrets] == [None] * len(secrets)


@pytest.fixture
def hashed_while_locked(monkeypatch):
    """For each hash that is made or compared: whether SQLite's writers waited for it."""
    seen = []

    def watched(work):
        def watch(*args):
            seen.append(database._sqlite_writer.locked())
            return work(*args)

        return watch

    for name in ("hash_password", "verify"):
        monkeypatch.setattr(passwords, name, watched(getattr(passwords, name)))
    return seen


class TestHashing:
    def test_keeps_no_writer_waiting(self, app, admin, hashed_while_locked):
        url = "/api/v1/manage/users"
        values = {**person(), "role": "editor"}
        user = admin.post(url, json=values).json["data"]
        admin.patch(f"{url}/{user['id']}", json={"password": NEW}, headers=ANY)
        browse(app, password=NEW).post(CHANGE, {"current_password": NEW, "new_password": PASSWORD})

        # Added, changed by an admin, signed in, and changed by its owner: proved, then hashed.
        assert hashed_while_locked == [False] * 5

    def test_of_a_password_that_changed_meanwhile_changes_nothing(self, app):
        user_id = join(app)
        mia = Actor(user_id=user_id, role=Role.EDITOR, name="Mia", email="mia@example.org", via="")
        with app.app_context():
            change = own_passwords.prove(mia, PASSWORD, NEW)
            with transaction():
                users.set_password(OPERATOR, user_id, "a third horse, and a battery")
            with pytest.raises(Invalid, match="current password"), transaction():
                own_passwords.change(mia, change)


def person():
    return {
        "email": "mia@example.org",
        "name": "Mia",
        "role": Role.EDITOR,
        "password": PASSWORD,
    }


@pytest.mark.usefixtures("context")
class TestFinding:
    def test_by_email_takes_any_spelling(self):
        with transaction():
            added = users.add(OPERATOR, **person())

        assert users.by_email(OPERATOR, "MIA@EXAMPLE.org").id == added.id

    def test_by_email_says_when_there_is_nobody(self):
        with pytest.raises(NotFound):
            users.by_email(OPERATOR, "nobody@example.org")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Mia@Example.ORG", "mia@example.org"),
        (" mia@example.org ", "mia@example.org"),
        ("ZOE\u0308@example.org", "zoë@example.org"),
        ("mia@xn--bcher-kva.example.org", "mia@bücher.example.org"),
    ],
)
def test_an_address_has_one_spelling(written, stored):
    assert emails.checked(written, "/email") == emails.folded(written) == stored
    assert contact.clean_email(written) == stored


@pytest.mark.parametrize(
    "text", ["", "mia", "mia@", "@example.org", "a@b@example.org", "mia@x", "=?u?q?x?=@e.org"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid) as refused:
        emails.checked(text, "/email")

    assert refused.value.errors[0]["pointer"] == "/email"
    assert emails.folded(text) == text
