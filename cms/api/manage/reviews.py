"""Reviews of posts by professionals."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.review_schemas import NewReviewSchema, RecordedReviewSchema
from cms.api.manage.schemas import PostSchema
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import reviews


@blp.route("/posts/<id:post_id>/review")
class PostReview(Resource):
    @blp.body(NewReviewSchema)
    @blp.shows(PostSchema)
    def post(self, values: dict[str, Any], post_id: str) -> Any:
        """Record that a professional reviewed exactly the present text"""
        with transaction():
            return reviews.record(actor(), post_id, expected_version(), values)


@blp.route("/posts/<id:post_id>/reviews")
class PostReviews(Resource):
    @blp.query(PagingSchema)
    @blp.lists(RecordedReviewSchema)
    def get(self, query: dict[str, Any], post_id: str) -> Any:
        """List all reviews of a post, newest first"""
        return reviews.find(actor(), post_id, **query), query["limit"]
