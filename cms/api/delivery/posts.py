"""Public posts."""

from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import answer, answer_page, blp, held
from cms.api.delivery.queries import (
    PostFaqsQuerySchema,
    PostListQuerySchema,
    PostQuerySchema,
    RelatedQuerySchema,
)
from cms.api.delivery.schemas import (
    ListedPostSchema,
    PublicFaqSchema,
    PublicPostSchema,
    RelatedPostSchema,
)
from cms.api.envelope import many, one
from cms.api.resources import Resource
from cms.models import Kind
from cms.services.cursors import Page
from cms.services.delivery import faqs, including, list_narrowing, lists, posts, related, taxonomy
from cms.services.delivery.moment import EVERY_LOCALE, Moment, present
from cms.services.delivery.posts import Wish
from cms.services.delivery.questions import Question

BOUNDS = ("published_after", "published_before", "updated_after")


@blp.route("/posts")
class Posts(Resource):
    @blp.query(PostListQuerySchema)
    @blp.delivers(many(ListedPostSchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """List public posts, newest first"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        question = question_of(moment, query)
        page = posts.find(moment, question, wish_of(query))
        total = lists.total(moment, question) if query["total"] else None
        keys = held.by(moment, held.POSTS, query)
        return answer_page(Page(page.items, page.next_cursor, total), query["limit"], keys)


@blp.route("/posts/<slug:slug>")
class PostBySlug(Resource):
    @blp.query(PostQuerySchema)
    @blp.delivers(one(PublicPostSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read one public post"""
        moment = present(query["locale"])
        post = posts.get(moment, slug, wish_of(query))
        return answer(post, held.by(moment, held.POST, query))


@blp.route("/posts/<slug:slug>/related")
class PostRelated(Resource):
    @blp.query(RelatedQuerySchema)
    @blp.delivers(many(RelatedPostSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """List what to show under “Similar posts”"""
        moment = present(query["locale"])
        found = related.of_post(moment, slug, limit=query["limit"])
        return answer_page(Page(found), query["limit"], held.by(moment, held.POSTS))


@blp.route("/posts/<slug:slug>/faqs")
class PostFaqs(Resource):
    @blp.query(PostFaqsQuerySchema)
    @blp.delivers(many(PublicFaqSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """List the public FAQs of a post, in order"""
        paging = {name: query[name] for name in ("limit", "cursor", "total")}
        moment = present(query["locale"])
        page = faqs.of_post(moment, slug, **paging)
        return answer_page(page, query["limit"], held.by(moment, held.FAQS))


def wish_of(query: dict[str, Any]) -> Wish:
    include = including.named(query["include"])
    return Wish(body=query["body"], fields=query["fields"], include=include)


def question_of(moment: Moment, query: dict[str, Any]) -> Question:
    groups = [
        taxonomy.terms_of(moment, kind, query[kind]) for kind in held.FILTERS if kind in query
    ]
    return Question(
        kind=Kind.POST,
        words=list_narrowing.by_words(moment, query.get("q"), Kind.POST, groups),
        sort=query["sort"],
        limit=query["limit"],
        cursor=query["cursor"],
        groups=groups,
        bounds={name: query[name] for name in BOUNDS if name in query},
        slugs=list(dict.fromkeys(query["slug"])) if "slug" in query else None,
    )
