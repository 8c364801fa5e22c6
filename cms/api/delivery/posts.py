"""Public posts."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response
from flask.views import MethodView

from cms.api.conditional import finished
from cms.api.delivery import answer, answer_page, as_data, blp
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
from cms.api.fields import SLUG
from cms.models import Kind
from cms.services.cursors import Page
from cms.services.delivery import faqs, lists, posts, related, taxonomy
from cms.services.delivery.lists import Question
from cms.services.delivery.moment import EVERY_LOCALE, Moment, outside, present
from cms.services.delivery.posts import Wish

POST_PATH = re.compile(rf"/api/v1/posts/({SLUG.pattern})")
WHOLE = Wish()
BOUNDS = ("published_after", "published_before", "updated_after")


@blp.route("/posts")
class Posts(MethodView):
    @blp.query(PostListQuerySchema)
    @blp.delivers(many(ListedPostSchema))
    def get(self, query: dict[str, Any]) -> Response:
        """List public posts, newest first"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        question = _question(moment, query)
        page = posts.find(moment, question, _wish(query))
        total = lists.total(moment, question) if query["total"] else None
        return answer_page(Page(page.items, page.next_cursor, total), query["limit"])


@blp.route("/posts/<slug:slug>")
class PostBySlug(MethodView):
    @blp.query(PostQuerySchema)
    @blp.delivers(one(PublicPostSchema))
    def get(self, query: dict[str, Any], slug: str) -> Response:
        """Read one public post"""
        return answer(posts.get(present(query["locale"]), slug, _wish(query)))


def ahead_of_flask(app: Flask) -> Callable[..., Iterable[bytes]]:
    """`app.wsgi_app`, with what is read most answered first: Flask's own work costs more than ours.

    That is a whole post in the default language, for whoever sends no parameter and no credential.
    It is read as `PostBySlug` reads it. Where that fails, in whatever way, Flask says why.
    """
    inner, config, known = app.wsgi_app, app.config["CMS"], app.extensions["cms_reader"]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = POST_PATH.fullmatch(environ["PATH_INFO"])
        if found is None or not _is_plain(environ):
            return inner(environ, start_response)
        try:
            post = posts.get(outside(config, known), found[1], WHOLE)
        except Exception:
            return inner(environ, start_response)
        status, headers, sent = finished(as_data(post), environ)
        start_response(status, headers)
        return sent

    return application


def _is_plain(environ: dict[str, Any]) -> bool:
    asks = environ.get("QUERY_STRING") or "HTTP_AUTHORIZATION" in environ
    return environ["REQUEST_METHOD"] == "GET" and not asks


@blp.route("/posts/<slug:slug>/related")
class PostRelated(MethodView):
    @blp.query(RelatedQuerySchema)
    @blp.delivers(many(RelatedPostSchema))
    def get(self, query: dict[str, Any], slug: str) -> Response:
        """List what to show under “Similar posts”"""
        found = related.of_post(present(query["locale"]), slug, limit=query["limit"])
        return answer_page(Page(found), query["limit"])


@blp.route("/posts/<slug:slug>/faqs")
class PostFaqs(MethodView):
    @blp.query(PostFaqsQuerySchema)
    @blp.delivers(many(PublicFaqSchema))
    def get(self, query: dict[str, Any], slug: str) -> Response:
        """List the public FAQs of a post, in order"""
        paging = {name: query[name] for name in ("limit", "cursor", "total")}
        page = faqs.of_post(present(query["locale"]), slug, **paging)
        return answer_page(page, query["limit"])


def _wish(query: dict[str, Any]) -> Wish:
    return Wish(body=query["body"], fields=query["fields"], include=query["include"])


def _question(moment: Moment, query: dict[str, Any]) -> Question:
    groups = [
        taxonomy.terms_of(moment, kind, query[kind])
        for kind in ("tag", "category", "author")
        if kind in query
    ]
    return Question(
        kind=Kind.POST,
        sort=query["sort"],
        limit=query["limit"],
        cursor=query["cursor"],
        groups=groups,
        bounds={name: query[name] for name in BOUNDS if name in query},
        slugs=list(dict.fromkeys(query["slug"])) if "slug" in query else None,
    )
