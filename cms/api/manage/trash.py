"""The trash: what a removal took from readers, and what depended on it."""

from typing import Any

from marshmallow import Schema, fields

from cms.api.fields import QueryFlag
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.publication_schemas import LiveSchema
from cms.api.manage.schemas import FaqSchema, PostSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Faq, Post, Status
from cms.services import trash
from cms.services.trash import Discarded


class DiscardQuerySchema(Schema):
    permanent = QueryFlag(
        load_default=False, metadata={"description": "Remove for ever (administrators)"}
    )


class NamedPostSchema(Schema):
    id = fields.UUID(required=True)
    slug = fields.String(required=True)
    title = fields.String(required=True)


class DiscardedSchema(Schema):
    """What was put away, what readers lost by it, and the working copies that name it."""

    id = fields.UUID(required=True)
    status = fields.String(metadata={"enum": [Status.TRASHED, "removed"]}, required=True)
    version = fields.Integer(required=True)
    taken_offline = fields.Nested(LiveSchema, allow_none=True, required=True)
    cancelled = fields.Nested(LiveSchema, allow_none=True, required=True)
    depended_on_by = fields.List(fields.Nested(NamedPostSchema), required=True)


def said(found: Discarded) -> dict[str, Any]:
    """What the API answers about something that was put away."""
    return {
        "id": found.entry.id,
        "status": "removed" if found.is_gone else Status.TRASHED,
        "taken_offline": found.taken.live,
        "cancelled": found.taken.waiting,
        "depended_on_by": found.depended_on_by,
        "version": found.entry.version,
    }


@blp.route("/posts/<id:post_id>/restore")
class RestorePost(Resource):
    @blp.shows(PostSchema)
    def post(self, post_id: str) -> Any:
        """Take a post out of the trash"""
        with transaction():
            return trash.restore(actor(), Post, post_id)


@blp.route("/faqs/<id:faq_id>/restore")
class RestoreFaq(Resource):
    @blp.shows(FaqSchema)
    def post(self, faq_id: str) -> Any:
        """Take a FAQ out of the trash"""
        with transaction():
            return trash.restore(actor(), Faq, faq_id)
