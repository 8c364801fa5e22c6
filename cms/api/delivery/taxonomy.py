"""Public tags, categories and authors."""

from typing import Any

from flask import Response
from flask.views import MethodView

from cms.api.delivery import answer, answer_page, blp
from cms.api.delivery.queries import LocaleSchema, TermListQuerySchema
from cms.api.delivery.schemas import PublicAuthorSchema, PublicCategorySchema, PublicTagSchema
from cms.api.envelope import many, one
from cms.services.delivery import taxonomy
from cms.services.delivery.moment import EVERY_LOCALE, present


def _page(kind: str, query: dict[str, Any]) -> Response:
    moment = present(query["locale"], also=EVERY_LOCALE)
    paging = {name: query[name] for name in ("limit", "cursor", "total")}
    return answer_page(taxonomy.find(moment, kind, **paging), query["limit"])


@blp.route("/tags")
class Tags(MethodView):
    @blp.query(TermListQuerySchema)
    @blp.delivers(many(PublicTagSchema))
    def get(self, query: dict[str, Any]) -> Response:
        """List tags"""
        return _page("tag", query)


@blp.route("/tags/<slug:slug>")
class TagBySlug(MethodView):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicTagSchema))
    def get(self, query: dict[str, Any], slug: str) -> Response:
        """Read one tag"""
        return answer(taxonomy.get(present(query["locale"]), "tag", slug))


@blp.route("/categories")
class Categories(MethodView):
    @blp.query(TermListQuerySchema)
    @blp.delivers(many(PublicCategorySchema))
    def get(self, query: dict[str, Any]) -> Response:
        """List categories; a post counts in every category above its own"""
        return _page("category", query)


@blp.route("/categories/<slug:slug>")
class CategoryBySlug(MethodView):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicCategorySchema))
    def get(self, query: dict[str, Any], slug: str) -> Response:
        """Read one category"""
        return answer(taxonomy.get(present(query["locale"]), "category", slug))


@blp.route("/authors")
class Authors(MethodView):
    @blp.query(TermListQuerySchema)
    @blp.delivers(many(PublicAuthorSchema))
    def get(self, query: dict[str, Any]) -> Response:
        """List authors"""
        return _page("author", query)


@blp.route("/authors/<slug:slug>")
class AuthorBySlug(MethodView):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicAuthorSchema))
    def get(self, query: dict[str, Any], slug: str) -> Response:
        """Read one author"""
        return answer(taxonomy.get(present(query["locale"]), "author", slug))
