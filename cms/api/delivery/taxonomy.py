"""Public tags, categories and authors."""

from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import answer, answer_page, blp, held
from cms.api.delivery.queries import LocaleSchema, TermListQuerySchema
from cms.api.delivery.schemas import PublicAuthorSchema, PublicCategorySchema, PublicTagSchema
from cms.api.envelope import many, one
from cms.api.resources import Resource
from cms.services.delivery import taxonomy
from cms.services.delivery.moment import EVERY_LOCALE, present


def _page(kind: str, query: dict[str, Any]) -> Finished:
    moment = present(query["locale"], also=EVERY_LOCALE)
    paging = {name: query[name] for name in ("limit", "cursor", "total")}
    page = taxonomy.find(moment, kind, **paging)
    return answer_page(page, query["limit"], held.by_terms(kind))


def _one(kind: str, query: dict[str, Any], slug: str) -> Finished:
    return answer(taxonomy.get(present(query["locale"]), kind, slug), held.by_terms(kind))


@blp.route("/tags")
class Tags(Resource):
    @blp.query(TermListQuerySchema)
    @blp.delivers(many(PublicTagSchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """List tags"""
        return _page("tag", query)


@blp.route("/tags/<slug:slug>")
class TagBySlug(Resource):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicTagSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read one tag"""
        return _one("tag", query, slug)


@blp.route("/categories")
class Categories(Resource):
    @blp.query(TermListQuerySchema)
    @blp.delivers(many(PublicCategorySchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """List categories; a post counts in every category above its own"""
        return _page("category", query)


@blp.route("/categories/<slug:slug>")
class CategoryBySlug(Resource):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicCategorySchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read one category"""
        return _one("category", query, slug)


@blp.route("/authors")
class Authors(Resource):
    @blp.query(TermListQuerySchema)
    @blp.delivers(many(PublicAuthorSchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """List authors"""
        return _page("author", query)


@blp.route("/authors/<slug:slug>")
class AuthorBySlug(Resource):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicAuthorSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read one author"""
        return _one("author", query, slug)
