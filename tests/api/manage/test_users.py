"""Users over HTTP, for admins alone."""

import pytest

from cms.extensions import db
from cms.models import AuditEvent, OutboxEvent, User
from tests import building
from tests.building import ANY, PASSWORD

USERS = "/api/v1/manage/users"
SHOWN = {"id", "email", "name", "role", "suspended", "version", "created_at", "updated_at"}
ROLES = ["viewer", "moderator", "author", "editor"]


def values(**fields):
    given = {"email": "New@Example.org", "name": "New", "role": "author", "password": PASSWORD}
    return given | fields


def add(admin, **fields):
    response = admin.post(USERS, json=values(**fields))
    assert response.status_code == 201, response.json
    return response.json["data"]


def emails(response):
    assert response.status_code == 200, response.json
    return [one["email"] for one in response.json["data"]]


class TestAdding:
    def test_answers_the_user_without_a_password(self, admin):
        response = admin.post(USERS, json=values())

        user = response.json["data"]
        assert response.status_code == 201
        assert response.headers["ETag"] == '"1"'
        assert set(user) == SHOWN | {"comment_mail", "review_mail"}
        assert (user["email"], user["role"]) == ("new@example.org", "author")
        assert user["suspended"] is False

    def test_is_recorded_by_ids_alone(self, app, admin):
        user = add(admin)

        with app.app_context():
            audit = db.session.query(AuditEvent).filter_by(action="user.created").one()
            event = db.session.query(OutboxEvent).filter_by(type="user.created").one()

        assert (audit.object_id, audit.actor_id) == (user["id"], admin.user_id)
        assert audit.via.startswith("token:")
        assert event.payload == {"id": user["id"]}

    def test_refuses_an_address_that_is_taken(self, admin):
        add(admin)

        response = admin.post(USERS, json=values(email="NEW@example.org"))

        assert (response.status_code, response.json["reason"]) == (409, "email_taken")

    @pytest.mark.threat("A5")
    @pytest.mark.parametrize(
        "extra",
        [
            {"id": "1"},
            {"is_admin": True},
            {"suspended": False},
            {"version": 7},
            {"created_at": "2020-01-01T00:00:00Z"},
            {"password_hash": "!"},
            {"scopes": ["admin"]},
        ],
    )
    def test_takes_no_field_but_its_own(self, admin, extra):
        response = admin.post(USERS, json=values(**extra))

        assert (response.status_code, response.json["reason"]) == (422, "validation_failed")
        assert response.json["errors"][0]["pointer"] == f"/{next(iter(extra))}"

    @pytest.mark.parametrize(
        ("field", "value", "reason"),
        [
            ("email", "nobody", "validation_failed"),
            ("email", "a b@example.org", "validation_failed"),
            ("email", "a@localhost", "validation_failed"),
            ("email", "x" * 250 + "@example.org", "validation_failed"),
            ("name", "  ", "validation_failed"),
            ("name", "x" * 81, "validation_failed"),
            ("role", "owner", "validation_failed"),
            ("role", None, "validation_failed"),
            ("password", "Password1", "weak_password"),
            ("password", "short", "weak_password"),
            ("password", "new@example.org", "weak_password"),
            ("password", "x" * 257, "weak_password"),
            ("password", "x" * 1_000_000, "validation_failed"),
        ],
    )
    def test_names_the_field_that_can_not_be(self, admin, field, value, reason):
        response = admin.post(USERS, json=values(**{field: value}))

        assert (response.status_code, response.json["reason"]) == (422, reason)
        assert response.json["errors"][0]["pointer"] == f"/{field}"


class TestListing:
    @pytest.fixture
    def people(self, admin):
        add(admin, email="ann@example.org", name="Zoë 100%", role="viewer")
        add(admin, email="bob@example.org", name="Bob", role="viewer")
        bob = add(admin, email="cy@example.org", name="Cy", role="editor")
        admin.patch(f"{USERS}/{bob['id']}", json={"suspended": True}, headers=ANY)

    @pytest.mark.usefixtures("people")
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("role=viewer", ["ann", "bob"]),
            ("role=viewer&sort=-email", ["bob", "ann"]),
            ("role=editor&suspended=true", ["cy"]),
            ("suspended=false&role=editor", []),
            ("q=BOB", ["bob"]),
            ("q=100%25", ["ann"]),
            ("q=n%25e", []),
            ("q=Zo%C3%AB", ["ann"]),
            ("role=viewer&sort=created_at", ["ann", "bob"]),
        ],
    )
    def test_is_filtered_and_sorted(self, admin, query, found):
        assert emails(admin.get(f"{USERS}?{query}")) == [f"{one}@example.org" for one in found]

    @pytest.mark.usefixtures("people")
    @pytest.mark.parametrize("sort", ["email", "-email", "created_at", "-updated_at"])
    def test_pages_meet_without_a_gap(self, admin, sort):
        whole = emails(admin.get(f"{USERS}?sort={sort}"))
        url, seen = f"{USERS}?limit=1&total=true&sort={sort}", []
        while url:
            page = admin.get(url)
            seen += emails(page)
            assert page.json["meta"]["total"] == 4
            url = page.json["links"]["next"]

        assert seen == whole

    @pytest.mark.parametrize(
        "query", ["role=owner", "suspended=1", "sort=name", "q=", "password_hash=x", "limit=101"]
    )
    def test_refuses_what_it_does_not_know(self, admin, query):
        assert admin.get(f"{USERS}?{query}").status_code == 400


class TestChanging:
    @pytest.fixture
    def user(self, admin):
        return add(admin)

    def test_answers_the_new_version(self, admin, user):
        changes = {"name": "Mia", "role": "editor", "email": "MIA@example.org"}

        response = admin.patch(f"{USERS}/{user['id']}", json=changes, headers={"If-Match": '"1"'})

        data = response.json["data"]
        assert response.headers["ETag"] == '"2"'
        assert data | changes | {"email": "mia@example.org"} == data
        assert admin.get(f"{USERS}/{user['id']}").json["data"] == data

    def test_needs_the_version_that_it_was_based_on(self, admin, user):
        url = f"{USERS}/{user['id']}"

        assert admin.patch(url, json={"name": "Mia"}).status_code == 428
        stale = admin.patch(url, json={"name": "Mia"}, headers={"If-Match": '"9"'})
        assert (stale.status_code, stale.json["version"]) == (412, 1)
        assert admin.delete(url).status_code == 428
        assert admin.delete(url, headers={"If-Match": '"9"'}).status_code == 412

    def test_to_the_same_changes_nothing(self, admin, user):
        same = {"name": user["name"], "email": "NEW@example.org", "suspended": False}

        response = admin.patch(f"{USERS}/{user['id']}", json=same, headers=ANY)

        assert response.json["data"] == user

    @pytest.mark.threat("A5")
    @pytest.mark.parametrize(
        "changes",
        [
            {"id": "1"},
            {"version": 9},
            {"password_hash": "!"},
            {"created_at": "2020-01-01T00:00:00Z"},
            {"suspended": "true"},
            {"name": None},
            {"email": "nobody"},
            {"role": "root"},
        ],
    )
    def test_takes_no_field_but_its_own(self, admin, user, changes):
        response = admin.patch(f"{USERS}/{user['id']}", json=changes, headers=ANY)

        assert response.status_code == 422
        assert admin.get(f"{USERS}/{user['id']}").json["data"] == user

    def test_records_the_fields_and_never_a_password(self, app, admin, user):
        new = "a brand new secret"

        admin.patch(f"{USERS}/{user['id']}", json={"password": new}, headers=ANY)

        with app.app_context():
            saved = db.session.query(AuditEvent).filter_by(action="user.saved").one()
            kept = [vars(row) for model in (AuditEvent, OutboxEvent, User) for row in rows(model)]
        assert saved.fields == ["password"]
        assert new not in str(kept)

    def test_refuses_an_address_that_is_taken(self, admin, user):
        other = add(admin, email="other@example.org")

        response = admin.patch(f"{USERS}/{other['id']}", json={"email": user["email"]}, headers=ANY)

        assert (response.status_code, response.json["reason"]) == (409, "email_taken")


def rows(model):
    return db.session.query(model).all()


class TestRemoving:
    def test_leaves_what_the_person_wrote(self, admin, sign_in):
        author = sign_in("author")
        post = building.post(author)

        response = admin.delete(f"{USERS}/{author.user_id}", headers=ANY)

        assert (response.status_code, response.data) == (204, b"")
        assert admin.get(f"{USERS}/{author.user_id}").status_code == 404
        assert admin.get(f"/api/v1/manage/posts/{post['id']}").json["data"]["created_by"] is None

    def test_what_is_not_there_is_not_found(self, admin):
        url = f"{USERS}/0192d3a0-0000-7000-8000-000000000000"

        answers = [admin.get(url), admin.patch(url, json={}, headers=ANY)]
        answers.append(admin.delete(url, headers=ANY))

        assert [one.status_code for one in answers] == [404, 404, 404]


class TestTheLastAdmin:
    @pytest.mark.parametrize("changes", [{"suspended": True}, {"role": "editor"}])
    def test_stays_in_office(self, admin, changes):
        response = admin.patch(f"{USERS}/{admin.user_id}", json=changes, headers=ANY)

        assert (response.status_code, response.json["reason"]) == (409, "last_admin")

    def test_is_not_removed(self, admin):
        response = admin.delete(f"{USERS}/{admin.user_id}", headers=ANY)

        assert (response.status_code, response.json["reason"]) == (409, "last_admin")

    def test_is_not_saved_by_a_suspended_one(self, admin, sign_in):
        other = sign_in("admin")
        admin.patch(f"{USERS}/{other.user_id}", json={"suspended": True}, headers=ANY)

        assert admin.delete(f"{USERS}/{admin.user_id}", headers=ANY).status_code == 409

    def test_may_go_once_there_is_another(self, admin, sign_in):
        sign_in("admin")

        assert admin.delete(f"{USERS}/{admin.user_id}", headers=ANY).status_code == 204


@pytest.mark.threat("A12")
class TestEverybodyElse:
    @pytest.mark.parametrize("role", ROLES)
    def test_is_refused(self, sign_in, role):
        client = sign_in(role)
        own = f"{USERS}/{client.user_id}"

        answers = [
            client.get(USERS),
            client.post(USERS, json=values()),
            client.get(own),
            client.patch(own, json={"role": "admin"}, headers=ANY),
            client.delete(own, headers=ANY),
        ]

        assert [one.status_code for one in answers] == [403] * 5

    def test_is_told_nothing_of_who_exists(self, sign_in):
        client = sign_in("editor")
        nobody = f"{USERS}/0192d3a0-0000-7000-8000-000000000000"

        there, away = client.get(f"{USERS}/{client.user_id}"), client.get(nobody)

        assert (there.status_code, away.status_code) == (403, 403)

    def test_who_has_not_signed_in_is_refused(self, client):
        assert client.get(USERS).status_code == 401
        assert client.post(USERS, json=values()).status_code == 401
