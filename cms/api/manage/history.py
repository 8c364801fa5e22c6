"""The public history of posts, and taking texts out of it."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.review_schemas import PastTextSchema, RedactionQuerySchema
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import past_texts


@blp.route("/posts/<id:post_id>/history")
class PostHistory(Resource):
    @blp.query(PagingSchema)
    @blp.lists(PastTextSchema)
    def get(self, query: dict[str, Any], post_id: str) -> Any:
        """List every text that readers saw of a post, newest first"""
        return past_texts.find(actor(), post_id, **query), query["limit"]


@blp.route("/posts/<id:post_id>/history/<id:text_id>")
class PostPastText(Resource):
    @blp.query(RedactionQuerySchema)
    @blp.shows(PastTextSchema)
    def delete(self, query: dict[str, Any], post_id: str, text_id: str) -> Any:
        """Take a text out of the public history; its date and the reason are left"""
        with transaction():
            return past_texts.redact(actor(), post_id, expected_version(), text_id, query["reason"])
