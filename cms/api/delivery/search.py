"""Search over public posts and FAQs."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, validate

from cms.api import unanswered
from cms.api.conditional import Finished
from cms.api.delivery import answer_page, blp, held
from cms.api.delivery.queries import AnyLocaleSchema, slugs, words
from cms.api.envelope import MetaSchema, many
from cms.api.fields import QueryFlag
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.models import Kind
from cms.services.delivery import search, taxonomy
from cms.services.delivery.moment import EVERY_LOCALE, Moment, present
from cms.services.delivery.search import Search
from cms.services.delivery.search_statements import MOST_RANKED

COUNTED = f"the ranked hits, {MOST_RANKED:,} at most"


class SearchQuerySchema(PagingSchema, AnyLocaleSchema):
    q = words(required=True)
    kind = fields.String(load_default=None, validate=validate.OneOf([str(one) for one in Kind]))
    tag = slugs()
    category = slugs()
    author = slugs()
    total = QueryFlag(
        load_default=False,
        metadata={"description": f"Also count, in `meta.total`, {COUNTED}"},
    )


class FoundMetaSchema(MetaSchema):
    total = fields.Integer(metadata={"description": f"With `total=true`: {COUNTED}"})


class HitSchema(Schema):
    kind = fields.String(required=True, metadata={"enum": [str(one) for one in Kind]})
    id = fields.UUID(required=True)
    score = fields.Float(required=True, metadata={"description": "More is better"})
    title = fields.String(required=True)
    slug = fields.String(required=True)
    locale = fields.String(required=True)
    url = fields.Url(required=True, allow_none=True, metadata={"description": "Of a post"})
    excerpt_html = fields.String(
        required=True, metadata={"description": "Text, with hits in `<mark>`"}
    )


@blp.route("/search")
class Searches(Resource):
    @blp.query(SearchQuerySchema)
    @blp.delivers(many(HitSchema, FoundMetaSchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """Find public posts and FAQs by words, best first; of many hits, the newest 1,000"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        page = search.find(moment, _search(moment, query), total=query["total"])
        told = None if page.items else _counting(query)
        return answer_page(page, query["limit"], held.by_words(query), told=told)


def _counting(query: dict[str, Any]) -> Callable[[], None] | None:
    """Only of whole searches: what filters leave out may be there, and so what a page is after."""
    whole = not any(query.get(name) for name in ("kind", *held.FILTERS, "cursor"))
    return unanswered.counting(query["q"], query["locale"]) if whole else None


def _search(moment: Moment, query: dict[str, Any]) -> Search:
    return Search(
        text=query["q"],
        kinds=[Kind(query["kind"])] if query["kind"] else list(Kind),
        limit=query["limit"],
        cursor=query["cursor"],
        groups=[
            taxonomy.terms_of(moment, kind, query[kind]) for kind in held.FILTERS if kind in query
        ],
    )
