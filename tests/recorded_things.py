"""What each record of a writing route is about: made by an administrator, named in words."""

from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, Mail, MailKind
from cms.services import clock, mail_links
from tests import building, commenting
from tests.building import ANY, markdown

NEW = "another horse, another staple"
PERSON = {"email": "jo@example.org", "name": "Jo", "role": "author", "password": NEW}
TOKEN = {"name": "build", "scopes": ["content:read"]}
LATER = {"publish_at": "2500-01-01T00:00:00Z"}
WHY = "reason=It+named+a+patient."


def changed(client, path, entry):
    """An entry that readers see in other words than editors."""
    url, name = f"/api/v1/manage/{path}/{entry['id']}", "title" if path == "posts" else "question"
    client.patch(url, json={name: "Other words"}, headers=ANY)
    return entry


def waiting(client, entry):
    building.publish(client, entry, **LATER)
    return entry


def trashed(client, path, entry):
    client.delete(f"/api/v1/manage/{path}/{entry['id']}", headers=ANY)
    return entry


def preview(client):
    return client.post("/api/v1/manage/site/preview-links", json={}).json["data"]


def post_beside(client, made):
    other = building.faq(client) if made["status"] == "draft" else building.post(client)
    reviewer = building.author(client, credentials="MD")
    return made | {"other_id": other["id"], "author_id": reviewer["id"]}


def changed_post(client):
    return changed(client, "posts", post_beside(client, building.published_post(client)))


def corrected(client, *, taken_down=False, redacted=False):
    """A post, and the first of the two texts that readers saw of it."""
    made = building.published_post(client)
    building.corrected(client, made["id"], title="Other words")
    url = f"/api/v1/manage/posts/{made['id']}"
    made["text_id"] = client.get(f"{url}/history").json["data"][-1]["id"]
    if taken_down:
        client.delete(f"{url}/publication", headers=ANY)
    if redacted:
        client.delete(f"{url}/history/{made['text_id']}?{WHY}", headers=ANY)
    return made


def filled_category(client):
    """A category with a public post in it, and another to put it into."""
    made = building.category(client)
    building.published_post(client, category_id=made["id"])
    return made | {"above_id": building.category(client)["id"]}


def two(client, make):
    """A term, and another that it can be merged into."""
    made = make(client)
    return made | {"old_id": made["id"], "into_id": make(client)["id"]}


def comment(client, make):
    post = building.published_post(client)
    return {"id": make(client, post), "post_id": post["id"]}


def own_comment(client, *, is_approved=False, is_edited=False):
    """A comment, and what its writer was given for it."""
    post = building.published_post(client)
    given = commenting.send(client.application.test_client(), post).json["data"]
    if is_approved:
        commenting.moderate(client, given["id"], status="approved")
    if is_edited:
        stranger = client.application.test_client()
        commenting.by_receipt(stranger, "PATCH", given, body="Other words")
        del given["receipt"]
    return given | {"post_id": post["id"]}


def moved(client, post):
    comment_id = commenting.leave(client.application.test_client(), post)
    commenting.moderate(client, comment_id, status="spam")
    return comment_id


def shown_media(client):
    """The picture of a public post, and an author's photo."""
    made = building.media(client)
    post = building.published_post(client, hero_media_id=made["id"])
    author = building.author(client, photo_media_id=made["id"])
    return made | {"post_id": post["id"], "author_id": author["id"]}


def named_media(client):
    """An image in the body of a public post."""
    made = building.media(client)
    body = markdown(f"![](media:{made['id']})")
    return made | {"post_id": building.published_post(client, body=body)["id"]}


def token(client):
    values = TOKEN | {"user_id": client.user_id}
    return client.post("/api/v1/auth/tokens", json=values).json["data"]


def pinged(client):
    made = building.webhook(client)
    sent = client.post(f"/api/v1/manage/webhooks/{made['id']}/ping").json["data"]
    return made | {"delivery_id": sent["id"]}


def mailed(client, kind, **about):
    """The token of a link in a mail to the administrator."""
    with client.application.app_context(), transaction():
        now = clock.now()
        mail = Mail(kind=kind, user_id=client.user_id, created_at=now, due_at=now, about=about)
        db.session.add(mail)
        db.session.flush()
        if kind is MailKind.PASSWORD_RESET:
            return mail_links.for_password(mail)
        return mail_links.for_comment(mail, db.session.get(Comment, about["id"]), now)


def mailed_comment(client):
    made = comment(client, commenting.leave)
    return made | {"link": mailed(client, MailKind.COMMENTS, id=made["id"])}


MAKERS = {
    "": lambda _client: {},
    "post": lambda client: post_beside(client, building.post(client)),
    "live post": lambda client: post_beside(client, building.published_post(client)),
    "changed post": changed_post,
    "corrected post": corrected,
    "offline post": lambda client: corrected(client, taken_down=True),
    "redacted post": lambda client: corrected(client, redacted=True),
    "waiting post": lambda client: waiting(client, building.post(client)),
    "trashed post": lambda client: trashed(client, "posts", building.post(client)),
    "waiting faq": lambda client: waiting(client, building.faq(client)),
    "trashed faq": lambda client: trashed(client, "faqs", building.faq(client)),
    "preview": preview,
    "faq": building.faq,
    "live faq": building.published_faq,
    "changed faq": lambda client: changed(client, "faqs", building.published_faq(client)),
    "tag": building.tag,
    "category": building.category,
    "author": building.author,
    "filled category": filled_category,
    "two tags": lambda client: two(client, building.tag),
    "two categories": lambda client: two(client, building.category),
    "two authors": lambda client: two(client, building.author),
    "comment": lambda client: comment(client, commenting.leave),
    "approved comment": lambda client: comment(client, commenting.approved),
    "own comment": own_comment,
    "own approved comment": lambda client: own_comment(client, is_approved=True),
    "edited comment": lambda client: own_comment(client, is_approved=True, is_edited=True),
    "mailed comment": mailed_comment,
    "forgotten": lambda client: {"id": "", "link": mailed(client, MailKind.PASSWORD_RESET)},
    "spam comment": lambda client: comment(client, moved),
    "media": building.media,
    "shown media": shown_media,
    "named media": named_media,
    "user": lambda client: client.post("/api/v1/manage/users", json=PERSON).json["data"],
    "token": token,
    "webhook": building.webhook,
    "pinged webhook": pinged,
}
