"""Routes that read a body, each with one that it would take."""

from typing import Any

from tests import building
from tests.commenting import words

ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a comment": ("POST", "/api/v1/posts/heat/comments", words()),
    "signing in": ("POST", "/api/v1/auth/login", {"email": "a@example.org", "password": "x"}),
    "a token": ("POST", "/api/v1/auth/tokens", {"name": "x", "scopes": ["content:read"]}),
    "a post": ("POST", "/api/v1/manage/posts", {"title": "x"}),
    "a FAQ": (
        "POST",
        "/api/v1/manage/faqs",
        {"question": "x", "answer": building.markdown("x")},
    ),
    "a tag": ("POST", "/api/v1/manage/tags", {"name": "x"}),
    "a category": ("POST", "/api/v1/manage/categories", {"name": "x"}),
    "an author": ("POST", "/api/v1/manage/authors", {"name": "x"}),
    "a user": (
        "POST",
        "/api/v1/manage/users",
        {"email": "a@example.org", "name": "x", "role": "viewer", "password": building.PASSWORD},
    ),
}
