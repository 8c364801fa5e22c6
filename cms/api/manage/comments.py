"""The queue of comments, and what moderators make of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cms.actor import Actor
from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.comment_schemas import (
    CommentFiltersSchema,
    CommentSchema,
    ModerationSchema,
    QueueMetaSchema,
)
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Comment, CommentEdit
from cms.services import comments, moderating
from cms.services.screening import Outcome, Verdict

Verdicts = list[Verdict]

# What is told of a comment as it stands in its row.
PLAIN = ["id", "status", "flag", "redacted", "parent_id", "note", "version"]
PLAIN += ["created_at", "updated_at", "edited_at", "known_by", "withdrawn_at", "faq_id"]
OF_AUTHOR = ["name", "url", "is_staff"]
CONTACT = ["email", "network"]
# What a check says of where a comment came from, to who may not read that.
LESS_SAID = {"network_is_allowed": "It comes from a blocked network."}
NOTATIONS = ["source", "html", "text"]


@blp.route("/comments")
class Comments(Resource):
    @blp.query(CommentFiltersSchema)
    @blp.lists(CommentSchema, QueueMetaSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """List comments of any status, urgent ones that wait first, then the oldest"""
        # A queue always says how long it is.
        page = comments.find(actor(), **{**query, "total": True})
        return replace(page, items=[seen(actor(), one) for one in page.items]), query["limit"]


@blp.route("/comments/<id:comment_id>")
class CommentById(Resource):
    @blp.shows(CommentSchema)
    def get(self, comment_id: str) -> Any:
        """Read a comment"""
        return seen(actor(), comments.get(actor(), comment_id))

    @blp.body(ModerationSchema)
    @blp.shows(CommentSchema)
    def patch(self, changes: dict[str, Any], comment_id: str) -> Any:
        """Approve, hold, reject or trash a comment, and note why"""
        with transaction():
            comment = moderating.moderate(actor(), comment_id, expected_version(), changes)
        return seen(actor(), comment)


def seen(reader: Actor, comment: Comment) -> dict[str, Any]:
    """A comment as this person may see it."""
    sees_contact = comments.sees_contact(reader)
    names = OF_AUTHOR + (CONTACT if sees_contact else [])
    told = list if sees_contact else _without_contact
    return {name: getattr(comment, name) for name in PLAIN} | {
        "author": {name: getattr(comment, name) for name in names},
        "post": comment.post,
        "body": {name: getattr(comment, name) for name in NOTATIONS},
        "verdicts": told(comment.verdicts),
        "consent": comment.consent and comment.consent.text,
        "moved": _moved(comment),
        "edit": comment.edit and _asked(comment.edit, told),
    }


def _asked(edit: CommentEdit, told: Callable[[Verdicts], Verdicts]) -> dict[str, Any]:
    body = {name: getattr(edit, name) for name in NOTATIONS}
    return {"body": body, "verdicts": told(edit.verdicts), "created_at": edit.created_at}


def _without_contact(verdicts: Verdicts) -> Verdicts:
    return [one | {"detail": _less_said(one)} for one in verdicts]


def _less_said(verdict: Verdict) -> str:
    less = LESS_SAID.get(verdict["check"])
    return less if less and verdict["outcome"] != Outcome.PASSED else verdict["detail"]


def _moved(comment: Comment) -> dict[str, Any] | None:
    if comment.moved_from is None or comment.moved_version != comment.version:
        return None
    return {"from": comment.moved_from, "by": comment.moved_by, "at": comment.moved_at}
