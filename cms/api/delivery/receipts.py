"""A comment in the hands of its writer, who has its receipt and no account."""

from typing import Any

from flask import request

from cms.api.delivery import blp
from cms.api.delivery.comment_schemas import EditSchema, OwnCommentSchema
from cms.api.delivery.comments import throttle_writing
from cms.api.identity import RECEIPT_ROUTE, receipt_in
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import writers
from cms.services.writers import Own


@blp.route(RECEIPT_ROUTE)
class CommentReceipt(Resource):
    @blp.shows(OwnCommentSchema)
    def get(self, comment_id: str) -> Any:
        """See what became of a comment, by its receipt"""
        return _seen(writers.get(comment_id, receipt_in(request)))

    @blp.body(EditSchema)
    @blp.shows(OwnCommentSchema)
    def patch(self, values: dict[str, Any], comment_id: str) -> Any:
        """Edit it within 15 minutes, or while it waits; approved text stays until this passes"""
        throttle_writing()
        with transaction():
            own = writers.edit(comment_id, receipt_in(request), values["body"])
        return _seen(own)

    @blp.removes
    def delete(self, comment_id: str) -> None:
        """Withdraw it, at once and for good"""
        with transaction():
            writers.withdraw(comment_id, receipt_in(request))


def _seen(own: Own) -> dict[str, Any]:
    return {
        "id": own.comment.id,
        "status": own.status,
        "body": own.comment,
        "edit": own.edit and {"body": own.edit, "created_at": own.edit.created_at},
        "is_editable": own.is_editable,
        "editable_until": own.editable_until,
        "created_at": own.comment.created_at,
        "edited_at": own.comment.edited_at,
    }
