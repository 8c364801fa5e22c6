"""A site full of secrets, each a random word that no public answer may hold."""

import base64
import hashlib
import secrets
from typing import Any

from flask import Flask

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Role, Scope, User
from cms.services import sessions, tokens, users
from tests import building, commenting
from tests.building import ANY, PASSWORD, markdown

MANAGE = "/api/v1/manage"
OPEN = "open-post"
LATER = "2500-01-01T00:00:00Z"


class Site:
    """What is public first, then what is not: `plant` adds only secrets."""

    def __init__(self, app: Flask) -> None:
        self.app, self.admin = app, building.signed_in(app, "admin")
        # The name of a place, and the word that was put there.
        self.planted: dict[str, str] = {}
        self.draft = self.post("draft")
        self.draft_faq = self.faq("draft FAQ")
        self.terms = {
            kind: getattr(building, kind)(self.admin, slug=f"open-{kind}")
            for kind in ("tag", "category", "author")
        }
        author = f"{MANAGE}/authors/{self.terms['author']['id']}"
        assert self.admin.patch(author, json={"credentials": "MD"}, headers=ANY).status_code == 200
        self.live_faq = building.published_faq(self.admin, slug="open-faq", **self.tagged)
        self.live = self.open_post(OPEN)
        self.other = self.open_post("other-post")
        self.spanish = self.open_post("otro", locale="es")
        self.take_out(self.live)
        self.approved = commenting.approved(self.admin, self.live, **self.writer("approved"))

    def word(self, place: str) -> str:
        """A new word for a place."""
        self.planted[place] = "canary" + secrets.token_hex(6)
        return self.planted[place]

    @property
    def tagged(self) -> dict[str, Any]:
        return {"tag_ids": [self.terms["tag"]["id"]]}

    @property
    def filed(self) -> dict[str, Any]:
        by = {"author_ids": [self.terms["author"]["id"]]}
        return self.tagged | by | {"category_id": self.terms["category"]["id"]}

    def open_post(self, slug: str, **fields: Any) -> dict[str, Any]:
        """A public post that also names a draft, as a FAQ and as a neighbour."""
        post = building.post(self.admin, slug=slug, **self.filed, **fields)
        url = f"{MANAGE}/posts/{post['id']}"
        faqs = {"faq_ids": [self.draft_faq["id"], self.live_faq["id"]]}
        picks = {"related": [{"post_id": self.draft["id"], "note": self.word(f"note {slug}")}]}
        assert self.admin.put(f"{url}/faqs", json=faqs, headers=ANY).status_code == 200
        assert self.admin.put(f"{url}/related", json=picks, headers=ANY).status_code == 200
        return building.publish(self.admin, post)

    def take_out(self, post: dict[str, Any]) -> None:
        """Let a post have said something that is no part of its history any more."""
        for excerpt in (self.word("redacted text"), "Harmless."):
            note = self.word("redacted note") if excerpt != "Harmless." else None
            building.corrected(self.admin, post["id"], note, excerpt=excerpt)
        url = f"{MANAGE}/posts/{post['id']}/history"
        text_id = self.admin.get(url).json["data"][1]["id"]
        answer = self.admin.delete(f"{url}/{text_id}?reason=A+name", headers=ANY)
        assert answer.status_code == 200

    def text(self, place: str) -> dict[str, Any]:
        """Every text of a post, secret."""
        return {
            "title": self.word(f"{place} title"),
            "slug": self.word(f"{place} slug"),
            "excerpt": self.word(f"{place} excerpt"),
            "sources": [building.source(title=self.word(f"{place} source"))],
            "body": markdown(f"# {self.word(f'{place} heading')}\n\n{self.word(f'{place} body')}"),
            "seo": {
                "title": self.word(f"{place} seo title"),
                "description": self.word(f"{place} seo description"),
                "canonical_url": f"https://www.example.org/{self.word(f'{place} canonical')}",
            },
        }

    def question(self, place: str) -> dict[str, Any]:
        """Every text of a FAQ, secret."""
        return {
            "question": self.word(f"{place} question"),
            "slug": self.word(f"{place} slug"),
            "answer": markdown(self.word(f"{place} answer")),
        }

    def writer(self, place: str) -> dict[str, Any]:
        """A commenter whose address is secret, and the hashes by which it could be guessed."""
        email = f"{self.word(f'{place} email')}@example.org"
        for name in ("md5", "sha1", "sha256"):
            digest = hashlib.new(name, email.encode(), usedforsecurity=False)
            self.planted[f"{place} email, {name}"] = digest.hexdigest()[:10]
            encoded = base64.b64encode(digest.digest()).decode()
            self.planted[f"{place} email, {name} in base64"] = encoded[:10]
        return {"author_email": email}

    def post(self, place: str, **fields: Any) -> dict[str, Any]:
        return self._known(place, building.post(self.admin, **self.text(place), **fields))

    def faq(self, place: str, **fields: Any) -> dict[str, Any]:
        return self._known(place, building.faq(self.admin, **self.question(place), **fields))

    def _known(self, place: str, made: dict[str, Any]) -> dict[str, Any]:
        self.planted[f"{place} id"] = made["id"]
        return made

    def plant(self) -> None:
        """Everything that the public must not notice."""
        self.post("filed draft", **self.filed)
        self.post("Spanish draft", locale="es", **self.filed)
        self.faq("tagged draft FAQ", **self.tagged)
        self.pictures()
        self.taken_down()
        self.waiting()
        self.discarded()
        self.changed()
        self.reviewed()
        self.pending = self.comment("pending")
        for status in ("rejected", "spam", "trashed"):
            commenting.moderate(
                self.admin, self.comment(status), status=status, note=self.word(f"{status} note")
            )
        commenting.moderate(self.admin, self.approved, note=self.word("approved note"))
        self.people()

    def pictures(self) -> None:
        """A file that only a draft shows: its words, and where it is."""
        words = {name: self.word(f"draft picture {name}") for name in ("alt", "caption", "name")}
        made = building.media(self.admin, **words)
        self.planted["draft picture folder"] = made["url"].split("/")[-2]
        self.planted["draft picture id"] = made["id"]
        body = markdown(f"![](media:{made['id']})")
        building.post(self.admin, hero_media_id=made["id"], body=body)

    def taken_down(self) -> None:
        self.offline = building.publish(self.admin, self.post("offline", **self.filed))
        offline_faq = building.publish(self.admin, self.faq("offline FAQ", **self.tagged))
        for kind, one in (("posts", self.offline), ("faqs", offline_faq)):
            url = f"{MANAGE}/{kind}/{one['id']}/publication"
            assert self.admin.delete(url, headers=ANY).status_code == 200

    def waiting(self) -> None:
        """What nobody sees before its time: a post, a FAQ, and another text of a live post."""
        for one in (self.post("scheduled"), self.faq("scheduled FAQ")):
            building.publish(self.admin, one, publish_at=LATER)
        url, values = f"{MANAGE}/posts/{self.other['id']}", self.text("scheduled change")
        assert self.admin.patch(url, json=values, headers=ANY).status_code == 200
        building.publish(self.admin, self.other, publish_at=LATER)

    def discarded(self) -> None:
        """Of posts in the trash, one that was public and one that never was."""
        for one in (building.publish(self.admin, self.post("trashed")), self.post("trashed draft")):
            url = f"{MANAGE}/posts/{one['id']}"
            assert self.admin.delete(url, headers=ANY).status_code == 200

    def changed(self) -> None:
        """Working copies of what is live, with nothing in common with it."""
        for kind, one, values in (
            ("posts", self.live, self.text("changed")),
            ("faqs", self.live_faq, self.question("changed FAQ")),
        ):
            changes = values | {"tag_ids": [], "note": self.word(f"{kind} revision note")}
            url = f"{MANAGE}/{kind}/{one['id']}"
            assert self.admin.patch(url, json=changes, headers=ANY).status_code == 200

    def reviewed(self) -> None:
        """A review of a text that nobody sees yet, and words that are for editors alone."""
        values = {"reviewed_by": self.terms["author"]["id"], "note": self.word("review's words")}
        url = f"{MANAGE}/posts/{self.live['id']}/review"
        answer = self.admin.post(url, json=building.review(self.admin, **values), headers=ANY)
        assert answer.status_code == 200

    def comment(self, place: str) -> str:
        values = self.writer(place) | {
            "author_name": self.word(f"{place} name"),
            "author_url": f"https://{self.word(f'{place} website')}.example.org",
            "body": self.word(f"{place} comment"),
        }
        comment_id = commenting.leave(self.app.test_client(), self.live, **values)
        self.planted[f"{place} comment id"] = comment_id
        return comment_id

    def people(self) -> None:
        email = f"{self.word('user email')}@example.org"
        with self.app.app_context(), transaction():
            name = self.word("user name")
            user = users.add(OPERATOR, email=email, name=name, role=Role.EDITOR, password=PASSWORD)
            scopes = [Scope.CONTENT_READ]
            kept = tokens.add(OPERATOR, user_id=user.id, name=self.word("token"), scopes=scopes)
            self.planted |= {"token digest": kept[0].digest, "token secret": kept[1]}
        with self.app.app_context(), transaction():
            who, cookie = sessions.sign_in(sessions.prove(email, PASSWORD))
            self.planted |= {"session": cookie, "session token": who.csrf_token}
        with self.app.app_context():
            self.planted["password hash"] = db.session.get(User, user.id).password_hash[-20:]
            self.planted["user id"] = user.id
