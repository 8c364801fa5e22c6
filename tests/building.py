"""Build what a test needs through the API, valid by default; a test names what it is about."""

import itertools
import secrets
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import Connection, insert
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from cms.extensions import db
from cms.models import ApiToken, Role, Scope, User
from cms.services import tokens

_numbers = itertools.count(1)
ADD_USER, ADD_TOKEN = insert(User.__table__), insert(ApiToken.__table__)
PASSWORD = "correct horse battery staple"
ANY = {"If-Match": "*"}
# A receiver on the open net, which no name leads to.
OUTSIDE = "https://93.184.216.34/hook"
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
    with db.engine.begin() as connection:
        return _person(connection, role, email)


def signed_in(app: Flask, role: str, *, scopes: list[str] | None = None) -> Client:
    """A client with a token. Nearly every test asks for one, so both rows are written at once."""
    client = Client(app, use_cookies=False)
    client.token = tokens.PREFIX + secrets.token_urlsafe(32)
    reaches = set(scopes or [Scope.ADMIN])
    with app.app_context(), db.engine.begin() as connection:
        client.user_id = _person(connection, role)
        values = {"prefix": client.token[: tokens.SHOWN], "digest": tokens.digest(client.token)}
        values |= {"scopes": [one.value for one in Scope if one in reaches], "name": "test"}
        connection.execute(ADD_TOKEN, values | {"user_id": client.user_id})
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


def upload(data: bytes, name: str = "picture.jpg", **fields: str) -> dict[str, Any]:
    """A form with a file in it, for a request's `data`."""
    return {"file": (BytesIO(data), name), **fields}


def form(data: bytes, name: str = "picture.jpg", **fields: str) -> dict[str, Any]:
    """The same for large files, as arguments of a request: no temporary file is left open."""
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(data), name), **fields})
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}


def picture(kind: str = "JPEG", size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    """An image file that nobody else has: its colour is its own."""
    number = next(_numbers)
    colour = (number * 37 % 256, number // 256 * 16 % 256, number * 101 % 256)
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue() + str(number).encode()


def media(client: FlaskClient, data: bytes | None = None, **fields: str) -> dict[str, Any]:
    """An image in the media library."""
    given = upload(picture() if data is None else data, **fields)
    return _created(client.post("/api/v1/manage/media", data=given))


def webhook(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """A webhook, with its secret."""
    return _created(client.post("/api/v1/manage/webhooks", json={"url": OUTSIDE} | fields))


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


def corrected(client: FlaskClient, post_id: str, note: str | None = None, **fields: Any) -> None:
    """Change a post, and publish it again."""
    url = f"/api/v1/manage/posts/{post_id}"
    assert client.patch(url, json=fields, headers=ANY).status_code == 200
    answer = client.put(f"{url}/publication", json={"correction_note": note}, headers=ANY)
    assert answer.status_code == 200, answer.json


def review(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """What to record a review with, by an author made for it."""
    if "reviewed_by" not in fields:
        fields["reviewed_by"] = author(client, credentials="MD")["id"]
    return {"reviewed_on": "2024-05-01", "due_on": "2025-05-01", "note": None} | fields


def source(**fields: Any) -> dict[str, Any]:
    """A source as an editor writes it."""
    return {"title": f"Study {next(_numbers)}"} | fields


def markdown(source: str) -> dict[str, str]:
    return {"format": "markdown", "source": source}


def _person(connection: Connection, role: str, email: str | None = None) -> str:
    values = {"email": email or f"person{next(_numbers)}@example.org", "name": f"A {role}"}
    done = connection.execute(ADD_USER, values | {"role": Role(role), "password_hash": "!"})
    return done.inserted_primary_key[0]


def _created(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.json
    return response.json["data"]


def _name(kind: str) -> str:
    return f"{kind} {next(_numbers)}"
