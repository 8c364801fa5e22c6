"""What moderators do with comments beside judging one: many at once, undo, answers, FAQs."""

from typing import Any

from cms.api.conditional import version_if_sent
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.comment_schemas import (
    BulkSchema,
    CommentSchema,
    FaqFromCommentSchema,
    OutcomeSchema,
    StaffReplySchema,
)
from cms.api.manage.comments import seen
from cms.api.manage.schemas import FaqSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import bulk_moderation, comments, moderating, promoting, staff_replies
from cms.services.cursors import Page


@blp.route("/comments/bulk")
class Bulk(Resource):
    @blp.body(BulkSchema)
    @blp.lists(OutcomeSchema)
    def post(self, asked: dict[str, Any]) -> Any:
        """Give many comments a status; an answer for each id, in their order"""
        with transaction():
            outcomes = bulk_moderation.move(actor(), **asked)
        return Page(outcomes, total=len(outcomes)), bulk_moderation.MOST


@blp.route("/comments/<id:comment_id>/undo")
class Undo(Resource):
    @blp.shows(CommentSchema)
    def post(self, comment_id: str) -> Any:
        """Take the last move of a comment back"""
        with transaction():
            comment = moderating.undo(actor(), comment_id, version_if_sent())
        return seen(actor(), comment)


@blp.route("/comments/<id:comment_id>/reply")
class Reply(Resource):
    @blp.body(StaffReplySchema)
    @blp.shows(CommentSchema, 201)
    def post(self, said: dict[str, Any], comment_id: str) -> Any:
        """Answer an approved comment as staff; the answer is public at once"""
        with transaction():
            reply_id = staff_replies.reply(actor(), comment_id, said["body"])
        made = comments.get(actor(), reply_id)
        return seen(actor(), made), {"Location": f"/api/v1/manage/comments/{reply_id}"}


@blp.route("/comments/<id:comment_id>/faq")
class Promoted(Resource):
    @blp.body(FaqFromCommentSchema)
    @blp.shows(FaqSchema, 201)
    def post(self, values: dict[str, Any], comment_id: str) -> Any:
        """Start a draft FAQ from a reader's question"""
        with transaction():
            faq = promoting.promote(actor(), comment_id, values)
        return faq, {"Location": f"/api/v1/manage/faqs/{faq.id}"}
