"""Everybody who may call the API, and fresh things for them to call it about."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import ApiToken, Comment, Mail, Role, Scope, User
from cms.models.base import new_id
from cms.services import clock, mail_links, passwords, tokens
from tests import building, commenting
from tests.building import PASSWORD, Client

MINE, ANOTHERS, LIVE = "mine", "another's", "live"
# Each caller: the role, and whose thing it is about. An author's own may be live, too.
CALLERS: dict[str, tuple[Role | None, str]] = {
    "anonymous": (None, ANOTHERS),
    "viewer": (Role.VIEWER, ANOTHERS),
    "moderator": (Role.MODERATOR, ANOTHERS),
    "author:own": (Role.AUTHOR, MINE),
    "author:live": (Role.AUTHOR, LIVE),
    "author:other": (Role.AUTHOR, ANOTHERS),
    "editor": (Role.EDITOR, ANOTHERS),
    "admin": (Role.ADMIN, ANOTHERS),
    # Admins by a token: with all other scopes, with the needed scope alone, and a revoked one.
    "without": (Role.ADMIN, ANOTHERS),
    "only": (Role.ADMIN, ANOTHERS),
    "revoked": (Role.ADMIN, ANOTHERS),
}


class Cast:
    """The callers of one route, made when they are needed."""

    def __init__(self, app: Flask, scope: Scope | None) -> None:
        self.app, self.scope = app, scope
        self._known: dict[str, str] = {}

    @cached_property
    def admin(self) -> Client:
        return building.signed_in(self.app, "admin")

    @cached_property
    def other(self) -> Client:
        return building.signed_in(self.app, "author")

    def caller(self, name: str) -> Client:
        role, _ = CALLERS[name]
        if role is None:
            return self.app.test_client(use_cookies=False)
        client = building.signed_in(self.app, role, scopes=self._scopes(name))
        if name == "revoked":
            self._revoke(client)
        return client

    def _scopes(self, name: str) -> list[Scope] | None:
        needed = self.scope or Scope.MEDIA_WRITE
        if name == "without":
            return [one for one in Scope if one not in {self.scope, Scope.ADMIN}]
        return [needed] if name == "only" else None

    def _revoke(self, client: Client) -> None:
        with self.app.app_context(), transaction():
            tokens.revoke(OPERATOR, token_of(client.user_id))

    def give_password(self, client: Client) -> None:
        with self.app.app_context(), transaction():
            known = passwords.hash_password(PASSWORD)
            db.session.execute(
                update(User).filter_by(id=client.user_id).values(password_hash=known)
            )

    def thing(self, kind: str, caller: Any, whose: str) -> str:
        """The id of an untouched thing of this kind, or the slug of one that is public."""
        if whose != ANOTHERS:
            return THINGS[kind](self, caller, whose)
        if kind not in self._known:
            self._known[kind] = THINGS[kind](self, self.other, whose)
        return self._known[kind]

    def touched(self, kind: str) -> None:
        """Somebody changed the thing of this kind: the next caller gets another."""
        self._known.pop(kind, None)

    def post(self, owner: Client, whose: str) -> str:
        return self._entry(building.post(owner), whose)

    def faq(self, owner: Client, whose: str) -> str:
        return self._entry(building.faq(owner), whose)

    def _entry(self, entry: dict[str, Any], whose: str) -> str:
        if whose == LIVE:
            building.publish(self.admin, entry)
        return entry["id"]

    def past_text(self, owner: Client, whose: str) -> str:
        """A text that a post had before the one that is live: the ids of both."""
        post_id = self.post(owner, LIVE)
        building.corrected(self.admin, post_id, title="Another title")
        texts = self.admin.get(f"/api/v1/manage/posts/{post_id}/history").json["data"]
        return f"{post_id}/{texts[-1]['id']}"

    def comment(self, _owner: Client, _whose: str) -> str:
        return commenting.leave(self.app.test_client(), building.published_post(self.admin))

    def media(self, owner: Client, whose: str) -> str:
        # Nobody but editors and admins changes what another put there.
        return building.media(self.admin if whose == ANOTHERS else owner)["id"]

    def user(self, owner: Client, whose: str) -> str:
        with self.app.app_context():
            return owner.user_id if whose == MINE else building.person("viewer")

    def token(self, owner: Client, _whose: str) -> str:
        with self.app.app_context(), transaction():
            scopes = [Scope.CONTENT_READ]
            return tokens.add(OPERATOR, user_id=owner.user_id, name="x", scopes=scopes)[0].id

    def public(self, kind: str) -> str:
        made = getattr(building, kind)(self.admin)
        return (building.publish(self.admin, made) if kind in {"post", "faq"} else made)["slug"]


def token_of(user_id: str) -> str:
    return db.session.scalars(select(ApiToken.id).filter_by(user_id=user_id)).one()


def _term(kind: str) -> Callable[[Cast, Client, str], str]:
    return lambda cast, _owner, _whose: getattr(building, kind)(cast.admin)["id"]


def _preview(_cast: Cast, owner: Client, _whose: str) -> str:
    return owner.post("/api/v1/manage/site/preview-links", json={}).json["data"]["id"]


def _preview_token(cast: Cast) -> str:
    post = building.post(cast.admin)
    url = f"/api/v1/manage/posts/{post['id']}/preview-links"
    return cast.admin.post(url, json={}).json["data"]["token"]


def _delivery(cast: Cast) -> str:
    webhook_id = building.webhook(cast.admin)["id"]
    url = f"/api/v1/manage/webhooks/{webhook_id}/ping"
    return f"{webhook_id}/{cast.admin.post(url).json['data']['id']}"


def _mailed(cast: Cast, make: Callable[[Mail], str]) -> str:
    """A token as a mail to somebody new holds it."""
    with cast.app.app_context():
        user_id = building.person("moderator")
        with transaction():
            return make(Mail(id=new_id(), user_id=user_id, created_at=clock.now()))


def _comment_link(cast: Cast, owner: Client, whose: str) -> str:
    comment_id = cast.comment(owner, whose)

    def make(mail: Mail) -> str:
        comment = db.session.get(Comment, comment_id)
        return mail_links.for_comment(mail, comment, clock.now())

    return f"{_mailed(cast, make)}/approve"


# A kind of thing: how the address of one ends before its id.
THINGS: dict[str, Callable[[Cast, Client, str], str]] = {
    "manage/posts": Cast.post,
    "posts/history": Cast.past_text,
    "manage/faqs": Cast.faq,
    "manage/tags": _term("tag"),
    "manage/categories": _term("category"),
    "manage/authors": _term("author"),
    "manage/comments": Cast.comment,
    "v1/comments": Cast.comment,
    "manage/media": Cast.media,
    "manage/users": Cast.user,
    "auth/tokens": Cast.token,
    "auth/password-reset": lambda cast, *_: _mailed(cast, mail_links.for_password),
    "auth/comment-links": _comment_link,
    "manage/webhooks": lambda cast, _owner, _whose: building.webhook(cast.admin)["id"],
    "webhooks/deliveries": lambda cast, _owner, _whose: _delivery(cast),
    "manage/preview-links": _preview,
    "v1/preview": lambda cast, _owner, _whose: _preview_token(cast),
    "v1/posts": lambda cast, _owner, _whose: cast.public("post"),
    "v1/faqs": lambda cast, _owner, _whose: cast.public("faq"),
    "v1/tags": lambda cast, _owner, _whose: cast.public("tag"),
    "v1/categories": lambda cast, _owner, _whose: cast.public("category"),
    "v1/authors": lambda cast, _owner, _whose: cast.public("author"),
    "/media": lambda cast, _owner, _whose: "/".join(
        building.media(cast.admin)["url"].split("/")[-2:]
    ),
    "/problems": lambda *_: "not_found",
    "api/docs": lambda *_: "swagger-ui.css",
}
