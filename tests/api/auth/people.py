"""People with passwords, and browsers that they sign in with."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cms.actor import OPERATOR
from cms.database import transaction
from cms.models import Role
from cms.services import users
from tests.building import PASSWORD

LOGIN, LOGOUT = "/api/v1/auth/login", "/api/v1/auth/logout"
ME, CHANGE = "/api/v1/auth/me", "/api/v1/auth/password"
TOKENS = "/api/v1/auth/tokens"
WRONG = "not the right one"


@dataclass
class Browser:
    """A signed-in browser: its cookies, and the token that its page sends."""

    client: FlaskClient
    csrf_token: str
    user: dict[str, Any]

    def post(self, url: str, values: Any = None, **headers: str) -> Any:
        sent = {"X-CSRF-Token": self.csrf_token} | headers
        return self.client.post(url, json=values, headers=sent)

    def me(self) -> int:
        return self.client.get(ME).status_code


def join(app: Flask, role: str = "editor", *, email: str = "mia@example.org") -> str:
    """A new person who can sign in with `PASSWORD`; the id."""
    with app.app_context(), transaction():
        added = users.add(OPERATOR, email=email, name="Mia", role=Role(role), password=PASSWORD)
    return added.id


def log_in(client: FlaskClient, email: str = "mia@example.org", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, json={"email": email, "password": password})


def browse(app: Flask, email: str = "mia@example.org", password: str = PASSWORD) -> Browser:
    """A browser of its own that has just signed in."""
    client = app.test_client()
    response = log_in(client, email, password)
    assert response.status_code == 200, response.json
    return Browser(client, response.json["data"]["csrf_token"], response.json["data"]["user"])


def make_token(browser: Browser, *scopes: str, **fields: Any) -> dict[str, Any]:
    """A token that the browser's person made; `token` is its secret."""
    values = {"name": "build", "scopes": list(scopes or ["admin"])} | fields
    response = browser.post(TOKENS, values)
    assert response.status_code == 201, response.json
    return response.json["data"]


def status_with(app: Flask, token: str, url: str = ME) -> int:
    bearer = {"Authorization": f"Bearer {token}"}
    return app.test_client(use_cookies=False).get(url, headers=bearer).status_code
