"""What readers looked for and did not find: FAQs to write."""

from typing import Any

from marshmallow import Schema, fields

from cms.api.fields import QueryNumber
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.services import search_misses


class SearchMissFiltersSchema(PagingSchema):
    days = QueryNumber(
        1,
        search_misses.KEPT_DAYS,
        load_default=search_misses.STATS_DAYS,
        metadata={"description": "How far back, today included"},
    )


class SearchMissSchema(Schema):
    query = fields.String(
        required=True, metadata={"description": "The words: lower case, no diacritics"}
    )
    locale = fields.String(required=True, metadata={"description": "`*`: all"})
    count = fields.Integer(required=True)
    last_on = fields.Date(required=True)


@blp.route("/searches")
class SearchMisses(Resource):
    @blp.query(SearchMissFiltersSchema)
    @blp.lists(SearchMissSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """List searches that found nothing, three times at least; most often first"""
        return search_misses.find(actor(), **query), query["limit"]
