"""Build what a test needs through the API, valid by default; a test names what it is about."""

import itertools
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Role, Scope, User
from cms.services import tokens

_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"
ANY = {"If-Match": "*"}
# An id that nothing has.
NOWHERE = "00000000-0000-7000-8000-000000000000"


class Client(FlaskClient):
    """A client that sends a token with every request."""

    token: str = ""
    user_id: str = ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Authorization", f"Bearer {self.token}")
        return super().open(*args, headers=headers, **kwargs)


def person(role: str, *, email: str | None = None) -> str:
    """A new user's id. The password is not usable; see `users.add` for one that is."""
    user = User(
        email=email or f"person{next(_numbers)}@example.org",
        name=f"A {role}",
        role=Role(role),
        password_hash="!",
    )
    with transaction():
        db.session.add(user)
    return user.id


def signed_in(app: Flask, role: str, *, scopes: list[str] | None = None) -> Client:
    with app.app_context():
        user_id = person(role)
        with transaction():
            _, secret = tokens.add(
                OPERATOR,
                user_id=user_id,
                name="test",
                scopes=[Scope(one) for one in scopes or list(Scope)],
            )
    client = Client(app, use_cookies=False)
    client.token, client.user_id = secret, user_id
    return client


def post(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """A new draft."""
    number = next(_numbers)
    values = {"title": f"Post {number}", "body": markdown(f"Text of post {number}.")} | fields
    return _created(client.post("/api/v1/manage/posts", json=values))


def faq(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    number = next(_numbers)
    values = {"question": f"Question {number}?", "answer": markdown(f"Answer {number}.")} | fields
    return _created(client.post("/api/v1/manage/faqs", json=values))


def tag(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    return _created(client.post("/api/v1/manage/tags", json={"name": _name("Tag")} | fields))


def category(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    values = {"name": _name("Category")} | fields
    return _created(client.post("/api/v1/manage/categories", json=values))


def author(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    return _created(client.post("/api/v1/manage/authors", json={"name": _name("Author")} | fields))


# How one of each kind of term is made.
TERMS = {"tags": tag, "categories": category, "authors": author}


def published_post(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    return publish(client, post(client, **fields))


def published_faq(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    return publish(client, faq(client, **fields))


def publish(client: FlaskClient, entry: dict[str, Any], **options: Any) -> dict[str, Any]:
    kind = "faqs" if "question" in entry else "posts"
    url = f"/api/v1/manage/{kind}/{entry['id']}/publication"
    response = client.put(url, json=options, headers=ANY)
    assert response.status_code == 200, response.json
    return client.get(f"/api/v1/manage/{kind}/{entry['id']}").json["data"]


def markdown(source: str) -> dict[str, str]:
    return {"format": "markdown", "source": source}


def _created(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.json
    return response.json["data"]


def _name(kind: str) -> str:
    return f"{kind} {next(_numbers)}"
