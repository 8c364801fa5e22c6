"""What changed in a public post, and when."""

from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import answer_page, blp
from cms.api.delivery.history_schemas import HistoryEntrySchema
from cms.api.delivery.queries import HistoryQuerySchema
from cms.api.envelope import many
from cms.api.resources import Resource
from cms.services.delivery import history
from cms.services.delivery.moment import present


@blp.route("/posts/<slug:slug>/history")
class PostHistory(Resource):
    @blp.query(HistoryQuerySchema)
    @blp.delivers(many(HistoryEntrySchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """List what changed in a public post, newest first"""
        paging = {name: query[name] for name in ("limit", "cursor", "total")}
        return answer_page(history.find(present(query["locale"]), slug, **paging), query["limit"])
