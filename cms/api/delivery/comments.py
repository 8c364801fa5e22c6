"""Public comments: read a thread, get the form, leave a comment."""

import re
from typing import Any

from flask import request

from cms.api.address import client_address
from cms.api.conditional import Finished
from cms.api.delivery import answer_page, blp, held
from cms.api.delivery.comment_schemas import (
    CommentFormSchema,
    NewCommentSchema,
    PublicCommentSchema,
    ReceiptSchema,
)
from cms.api.delivery.queries import LocaleSchema, ThreadQuerySchema
from cms.api.envelope import CountedMetaSchema, many, one
from cms.api.problems import PROBLEM_JSON, ProblemSchema
from cms.api.resources import Resource
from cms.api.throttling import throttle
from cms.database import transaction
from cms.errors import Malformed
from cms.models import CommentStatus
from cms.services import comment_limits, incoming, submitting
from cms.services.delivery import comments
from cms.services.delivery.comments import Wish, thread_of
from cms.services.delivery.moment import present
from cms.services.incoming import Circumstances, Words

VISIBLE_ASCII = re.compile(r"[!-~]{1,255}")
CLOSED = {
    "schema": ProblemSchema,
    "content_type": PROBLEM_JSON,
    "description": "Comments are closed here: `comments_closed`",
}


@blp.route("/posts/<slug:slug>/comments")
class PostComments(Resource):
    @blp.query(ThreadQuerySchema)
    @blp.delivers(many(PublicCommentSchema, CountedMetaSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """List approved comments as a thread, oldest first"""
        moment = present(query["locale"])
        wish = Wish(**{name: query[name] for name in ("sort", "parent", "limit", "cursor")})
        thread = thread_of(moment, slug)
        keys = held.by(moment, [f"comments:{thread.post_id}"])
        return answer_page(comments.find(moment, thread, wish), wish.limit, keys)

    @blp.query(LocaleSchema)
    @blp.body(NewCommentSchema)
    @blp.alt_response(403, **CLOSED)
    @blp.alt_response(201, schema=one(ReceiptSchema), description="Approved at once")
    @blp.shows(ReceiptSchema, 202)
    def post(self, query: dict[str, Any], values: dict[str, Any], slug: str) -> Any:
        """Leave a comment, which waits until a moderator approves it, or is public at once"""
        moment = present(query["locale"])
        words, how = _read(values)
        thread = thread_of(moment, slug)
        throttle_writing(thread.post_id)
        comment = incoming.screened(moment, thread, words, how)
        with transaction():
            answer = submitting.keep(comment)
        if answer["status"] == CommentStatus.PENDING:
            return answer
        shown = comments.one(present(query["locale"]), slug, answer["id"])
        return answer | {"comment": shown}, {}, 201


@blp.route("/posts/<slug:slug>/comment-form")
class PostCommentForm(Resource):
    @blp.query(LocaleSchema)
    @blp.shows(CommentFormSchema)
    def get(self, query: dict[str, Any], slug: str) -> Any:
        """Read the form to leave a comment with; its token is good from 2 seconds to 24 hours"""
        moment = present(query["locale"])
        return comments.form(moment, thread_of(moment, slug))


def _read(values: dict[str, Any]) -> tuple[Words, Circumstances]:
    how = Circumstances(
        form_token=values.pop("form_token"),
        honeypot=values.pop("honeypot"),
        receipt=values.pop("receipt"),
        address=client_address(),
        user_agent=request.user_agent.string,
        idempotency_key=_idempotency_key(),
    )
    return Words(**values), how


def _idempotency_key() -> str | None:
    """Raises Malformed for a key that is empty, too long, or not visible ASCII."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not VISIBLE_ASCII.fullmatch(key):
        detail = "An Idempotency-Key is 1 to 255 visible ASCII characters."
        fault = {"pointer": "Idempotency-Key", "detail": detail}
        raise Malformed(detail, reason="bad_idempotency_key", errors=[fault])
    return key


def throttle_writing(post_id: str | None = None) -> None:
    """Count what somebody sends in words, as a comment or as its edit. Raises TooMany."""
    throttle(*comment_limits.of(client_address(), post_id))
