"""Approved comments as feeds, and how many there are under some posts."""

from dataclasses import replace
from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import answer, blp
from cms.api.delivery.comment_schemas import CommentCountsAnswerSchema
from cms.api.delivery.queries import AnyLocaleSchema, LocaleSchema, slugs
from cms.api.paging import PageSchema, paged
from cms.api.resources import Resource
from cms.content.feeds import WRITERS, Feed
from cms.services.cursors import Page
from cms.services.delivery import comment_feeds
from cms.services.delivery.moment import EVERY_LOCALE, present

TEXT = {"type": "string"}
MOST_COUNTED = 100


class CountsQuerySchema(LocaleSchema):
    post = slugs(MOST_COUNTED, required=True)


class SiteFeedQuerySchema(PageSchema, AnyLocaleSchema):
    pass


class PostFeedQuerySchema(PageSchema, LocaleSchema):
    pass


@blp.route("/comments/counts")
class CommentCounts(Resource):
    @blp.query(CountsQuerySchema)
    @blp.delivers(CommentCountsAnswerSchema)
    def get(self, query: dict[str, Any]) -> Finished:
        """Count the approved comments under each of some posts, by slug"""
        found = comment_feeds.counts(present(query["locale"]), query["post"])
        # In the order that they were asked for, so that one question has one answer.
        return answer({slug: found[slug] for slug in query["post"] if slug in found})


@blp.route("/comments.json")
class JsonComments(Resource):
    @blp.query(SiteFeedQuerySchema)
    @blp.delivers({"type": "object"}, WRITERS["json"][1])
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the newest approved comments of the site as a JSON Feed (1.1)"""
        return _of_site("json", query)


@blp.route("/comments.atom")
class AtomComments(Resource):
    @blp.query(SiteFeedQuerySchema)
    @blp.delivers(TEXT, WRITERS["atom"][1])
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the newest approved comments of the site as an Atom feed"""
        return _of_site("atom", query)


@blp.route("/posts/<slug:slug>/comments.json")
class JsonPostComments(Resource):
    @blp.query(PostFeedQuerySchema)
    @blp.delivers({"type": "object"}, WRITERS["json"][1])
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read the newest approved comments of a post as a JSON Feed (1.1)"""
        return _of_post("json", query, slug)


@blp.route("/posts/<slug:slug>/comments.atom")
class AtomPostComments(Resource):
    @blp.query(PostFeedQuerySchema)
    @blp.delivers(TEXT, WRITERS["atom"][1])
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read the newest approved comments of a post as an Atom feed"""
        return _of_post("atom", query, slug)


def _of_site(notation: str, query: dict[str, Any]) -> Finished:
    moment = present(query["locale"], also=EVERY_LOCALE)
    found = comment_feeds.of_site(moment, query["limit"], query["cursor"])
    return _written(notation, *found, query["limit"])


def _of_post(notation: str, query: dict[str, Any], slug: str) -> Finished:
    moment = present(query["locale"])
    found = comment_feeds.of_post(moment, slug, query["limit"], query["cursor"])
    return _written(notation, *found, query["limit"])


def _written(notation: str, feed: Feed, page: Page, limit: int) -> Finished:
    write, content_type = WRITERS[notation]
    around, headers = paged(page, limit)
    links = around["links"]
    return Finished(
        write(replace(feed, url=links["self"], more=links["next"])), headers, content_type
    )
