"""The working copies of posts."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.queries import PostFiltersSchema
from cms.api.manage.schemas import (
    NewPostSchema,
    PostChangesSchema,
    PostFaqsSchema,
    PostRelatedSchema,
    PostSchema,
)
from cms.api.manage.trash import DiscardedSchema, DiscardQuerySchema, said
from cms.api.manage.use_schemas import PostDetailSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Post
from cms.services import entries, entry_search, posts, trash


@blp.route("/posts")
class Posts(Resource):
    @blp.query(PostFiltersSchema)
    @blp.lists(PostSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """List posts of any status, last changed first"""
        return entry_search.find(actor(), Post, **query), query["limit"]

    @blp.body(NewPostSchema)
    @blp.shows(PostSchema, 201)
    def post(self, values: dict[str, Any]) -> Any:
        """Start a draft"""
        ready = entries.prepared(actor(), Post, values)
        with transaction():
            post = posts.create(actor(), ready)
        return post, {"Location": _url(post)}


@blp.route("/posts/<id:post_id>")
class PostById(Resource):
    @blp.shows(PostDetailSchema)
    def get(self, post_id: str) -> Any:
        """Read a working copy, and what picks it"""
        return posts.read(actor(), post_id)

    @blp.body(PostChangesSchema)
    @blp.shows(PostSchema)
    def patch(self, changes: dict[str, Any], post_id: str) -> Any:
        """Change some fields of a working copy"""
        ready = entries.prepared(actor(), Post, changes)
        with transaction():
            return posts.edit(actor(), post_id, expected_version(), ready)

    @blp.query(DiscardQuerySchema)
    @blp.shows(DiscardedSchema)
    def delete(self, query: dict[str, Any], post_id: str) -> Any:
        """Take offline and put in the trash, or remove for ever"""
        with transaction():
            found = trash.put_away(actor(), Post, post_id, expected_version(), **query)
        return said(found)


@blp.route("/posts/<id:post_id>/faqs")
class PostFaqs(Resource):
    @blp.body(PostFaqsSchema)
    @blp.shows(PostSchema)
    def put(self, values: dict[str, Any], post_id: str) -> Any:
        """Replace a post's FAQs, in order"""
        with transaction():
            return posts.edit(actor(), post_id, expected_version(), values)


@blp.route("/posts/<id:post_id>/related")
class PostRelated(Resource):
    @blp.body(PostRelatedSchema)
    @blp.shows(PostSchema)
    def put(self, values: dict[str, Any], post_id: str) -> Any:
        """Replace a post's picked and excluded neighbours, in order"""
        with transaction():
            return posts.set_related(actor(), post_id, expected_version(), **values)


def _url(post: Post) -> str:
    return f"/api/v1/manage/posts/{post.id}"
