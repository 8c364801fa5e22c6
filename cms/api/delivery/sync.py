"""A copy of the public site, kept by its changes."""

from typing import Any

import orjson
from marshmallow import Schema, fields

from cms.api.conditional import Finished
from cms.api.delivery import blp
from cms.api.delivery.queries import SyncQuerySchema
from cms.api.problems import PROBLEM_JSON, ProblemSchema
from cms.api.resources import Resource
from cms.services.delivery import sync
from cms.services.delivery.documents import KINDS
from cms.services.delivery.moment import EVERY_LOCALE, present

EXPIRED = {
    "schema": ProblemSchema,
    "content_type": PROBLEM_JSON,
    "description": "Too much has changed since: `sync_expired`",
}


class OperationSchema(Schema):
    """`slug` is null where nothing is left that knows it; only an `upsert` has a `document`."""

    op = fields.String(required=True, metadata={"enum": ["upsert", "delete"]})
    kind = fields.String(required=True, metadata={"enum": KINDS})
    id = fields.UUID(required=True)
    slug = fields.String(required=True, allow_none=True)
    document = fields.Dict()


class SyncMetaSchema(Schema):
    next = fields.String(required=True, metadata={"description": "The next `since`"})
    more = fields.Boolean(required=True, metadata={"description": "Ask again at once"})


class SyncSchema(Schema):
    data = fields.Nested(OperationSchema, many=True, required=True)
    meta = fields.Nested(SyncMetaSchema, required=True)


@blp.route("/sync")
class Sync(Resource):
    @blp.query(SyncQuerySchema)
    @blp.delivers(SyncSchema)
    @blp.alt_response(410, **EXPIRED)
    def get(self, query: dict[str, Any]) -> Finished:
        """Read everything that is public, then only what changed since"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        part = sync.read(moment, query["since"], query["limit"])
        meta = {"next": part.next, "more": part.more}
        return Finished(orjson.dumps({"data": part.operations, "meta": meta}))
