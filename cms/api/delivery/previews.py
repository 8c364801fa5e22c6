"""What a preview link shows: no sign-in, and never cached."""

from typing import Any

import orjson
from flask import Response

from cms.api.delivery import blp
from cms.api.delivery.posts import question_of, wish_of
from cms.api.delivery.queries import PostListQuerySchema, PostQuerySchema, WorkingCopyQuerySchema
from cms.api.delivery.schemas import ListedPostSchema, PublicPostSchema
from cms.api.envelope import many, one
from cms.api.fields import Time
from cms.api.paging import paged
from cms.api.resources import Resource
from cms.database import rehearsal
from cms.services import previewing
from cms.services.cursors import Page
from cms.services.delivery import lists, posts
from cms.services.delivery.moment import EVERY_LOCALE, present

AT = {"description": "A time to come; now, if left out"}


class SiteListQuerySchema(PostListQuerySchema):
    at = Time(load_default=None, metadata=AT)


class SitePostQuerySchema(PostQuerySchema):
    at = Time(load_default=None, metadata=AT)


@blp.route("/preview/<token:token>")
class PreviewPost(Resource):
    @blp.query(WorkingCopyQuerySchema)
    @blp.delivers(one(PublicPostSchema))
    def get(self, query: dict[str, Any], token: str) -> Response:
        """Read a post as it would be if it were published now"""
        with rehearsal():
            moment, slug = previewing.published_now(token)
            return _private({"data": posts.get(moment, slug, wish_of(query))})


@blp.route("/preview/<token:token>/posts")
class PreviewPosts(Resource):
    @blp.query(SiteListQuerySchema)
    @blp.delivers(many(ListedPostSchema))
    def get(self, query: dict[str, Any], token: str) -> Response:
        """List posts as they will stand at a time"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        moment = previewing.site_at(token, moment, query["at"])
        question = question_of(moment, query)
        page = posts.find(moment, question, wish_of(query))
        total = lists.total(moment, question) if query["total"] else None
        around, headers = paged(Page(page.items, page.next_cursor, total), query["limit"])
        return _private({"data": page.items, **around}, headers)


@blp.route("/preview/<token:token>/posts/<slug:slug>")
class PreviewPostBySlug(Resource):
    @blp.query(SitePostQuerySchema)
    @blp.delivers(one(PublicPostSchema))
    def get(self, query: dict[str, Any], token: str, slug: str) -> Response:
        """Read a post as it will stand at a time"""
        moment = previewing.site_at(token, present(query["locale"]), query["at"])
        return _private({"data": posts.get(moment, slug, wish_of(query))})


def _private(answer: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    kept_out = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return Response(
        orjson.dumps(answer), mimetype="application/json", headers=(headers or {}) | kept_out
    )
