"""Leave, approve and mass-produce comments; a test names what it is about."""

import itertools
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from cms.actor import OPERATOR
from cms.database import transaction
from cms.extensions import db
from cms.models import Comment, CommentStatus, Thread
from cms.models.base import new_id
from cms.services import moderating
from cms.times import MILLISECOND, utc_now
from tests.building import ANY

_numbers = itertools.count(1)


def words(**fields: Any) -> dict[str, Any]:
    """A comment that is valid and not yet said."""
    number = next(_numbers)
    return {
        "author_name": "A reader",
        "author_email": f"reader{number}@example.org",
        "body": f"Comment {number}.",
    } | fields


def url_of(post: dict[str, Any]) -> str:
    return f"/api/v1/posts/{post['slug']}/comments"


def send(client: FlaskClient, post: dict[str, Any], *, key: str = "", **fields: Any) -> Any:
    """The answer to a comment. The request never shares what a test has open."""
    headers = {"Idempotency-Key": key} if key else {}
    with client.application.app_context():
        return client.post(url_of(post), json=words(**fields), headers=headers)


def leave(client: FlaskClient, post: dict[str, Any], **fields: Any) -> str:
    """The id of a new comment that waits."""
    response = send(client, post, **fields)
    assert response.status_code == 202, response.json
    return response.json["data"]["id"]


def by_receipt(client: FlaskClient, method: str, given: dict[str, Any], **body: Any) -> Any:
    """What a writer does with what they were given for a comment: `{"id", "receipt"}`."""
    url = f"/api/v1/comments/{given['id']}/receipt"
    headers = {"Authorization": f"Receipt {given['receipt']}"}
    with client.application.app_context():
        return client.open(url, method=method, json=body or None, headers=headers)


def moderate(moderator: FlaskClient, comment_id: str, **changes: Any) -> Any:
    url = f"/api/v1/manage/comments/{comment_id}"
    with moderator.application.app_context():
        return moderator.patch(url, json=changes, headers=ANY)


def approved(moderator: FlaskClient, post: dict[str, Any], **fields: Any) -> str:
    """The id of a new comment that the public sees."""
    comment_id = leave(moderator.application.test_client(), post, **fields)
    assert moderate(moderator, comment_id, status="approved").status_code == 200
    return comment_id


def approved_by_operator(app: Flask, post: dict[str, Any]) -> str:
    comment_id = leave(app.test_client(), post)
    with app.app_context(), transaction():
        moderating.moderate(OPERATOR, comment_id, None, {"status": CommentStatus.APPROVED})
    return comment_id


def known_writer(client: FlaskClient, moderator: FlaskClient, post: dict[str, Any]) -> Any:
    """What somebody sends along who has an approved comment: receipt, email and form."""
    first = send(client, post, author_email="ann@example.org").json["data"]
    moderate(moderator, first["id"], status="approved")
    form = client.get(f"/api/v1/posts/{post['slug']}/comment-form").json["data"]
    sent = {"receipt": first["receipt"], "form_token": form["form_token"]}
    return {"author_email": "ann@example.org"} | sent


def thread(client: FlaskClient, post: dict[str, Any], query: str = "") -> Any:
    response = client.get(url_of(post) + query)
    assert response.status_code == 200, response.json
    return response.json


def archived(post: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A comment as a file of comments has it."""
    known = {"id": new_id(), "post_id": post["id"], "status": "approved", "author_name": "Ann"}
    known |= {"author_email": "ann@example.org", "body": f"Hello {new_id()}."}
    return known | dict.fromkeys(("created_at", "updated_at"), "2026-01-12T09:00:00Z") | fields


def insert_approved(post_id: str, number: int, *, chain: bool = False) -> list[str]:
    """Many approved comments at once: roots, or each the reply of the one before."""
    ids = sorted(new_id() for _ in range(number))
    first = utc_now()
    above = [None, *ids[:-1]] if chain else [None] * number
    rows = [
        _row(post_id, comment_id, at, parent_id, ids[0] if parent_id else None)
        | {"depth": at if chain else 0, "created_at": first + at * MILLISECOND}
        | {"reply_count": int(chain and at < number - 1)}
        for at, (comment_id, parent_id) in enumerate(zip(ids, above, strict=True))
    ]
    with transaction():
        db.session.execute(insert(Comment), rows)
        counted = update(Thread).where(Thread.post_id == post_id)
        db.session.execute(counted.values(approved=Thread.approved + number))
    return ids


def _row(
    post_id: str, comment_id: str, number: int, parent_id: str | None, root_id: str | None
) -> dict[str, Any]:
    return {
        "id": comment_id,
        "post_id": post_id,
        "parent_id": parent_id,
        "root_id": root_id,
        "status": CommentStatus.APPROVED,
        "shown": True,
        "name": "A reader",
        "email": "reader@example.org",
        "source": f"Comment {number}.",
        "html": f"<p>Comment {number}.</p>",
        "text": f"Comment {number}.",
        "fingerprint": comment_id,
    }
