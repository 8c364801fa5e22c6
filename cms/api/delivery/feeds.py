"""Public posts as feeds."""

from dataclasses import replace
from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import blp
from cms.api.delivery.queries import FeedQuerySchema
from cms.api.paging import paged
from cms.api.resources import Resource
from cms.content.feeds import WRITERS
from cms.models import Kind
from cms.services.delivery import feeds, taxonomy
from cms.services.delivery.moment import EVERY_LOCALE, Moment, present
from cms.services.delivery.questions import Question

TEXT = {"type": "string"}


@blp.route("/feed.json")
class JsonFeed(Resource):
    @blp.query(FeedQuerySchema)
    @blp.delivers({"type": "object"}, WRITERS["json"][1])
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the newest public posts as a JSON Feed (1.1)"""
        return _feed("json", query)


@blp.route("/feed.atom")
class AtomFeed(Resource):
    @blp.query(FeedQuerySchema)
    @blp.delivers(TEXT, WRITERS["atom"][1])
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the newest public posts as an Atom feed"""
        return _feed("atom", query)


@blp.route("/feed.rss")
class RssFeed(Resource):
    @blp.query(FeedQuerySchema)
    @blp.delivers(TEXT, WRITERS["rss"][1])
    def get(self, query: dict[str, Any]) -> Finished:
        """Read the newest public posts as an RSS feed (2.0), with whole texts"""
        return _feed("rss", query)


def _feed(notation: str, query: dict[str, Any]) -> Finished:
    write, content_type = WRITERS[notation]
    moment = present(query["locale"], also=EVERY_LOCALE)
    feed, page = feeds.of_posts(moment, _question(moment, query), query.get("tag", ()))
    around, headers = paged(page, query["limit"])
    links = around["links"]
    return Finished(
        write(replace(feed, url=links["self"], more=links["next"])), headers, content_type
    )


def _question(moment: Moment, query: dict[str, Any]) -> Question:
    return Question(
        kind=Kind.POST,
        sort="-published_at",
        limit=query["limit"],
        cursor=query["cursor"],
        groups=[taxonomy.terms_of(moment, "tag", query["tag"])] if "tag" in query else [],
    )
