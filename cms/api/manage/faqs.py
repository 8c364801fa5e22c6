"""The working copies of FAQs."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.queries import FaqFiltersSchema
from cms.api.manage.schemas import FaqChangesSchema, FaqSchema, NewFaqSchema
from cms.api.manage.trash import DiscardedSchema, DiscardQuerySchema, said
from cms.api.manage.use_schemas import FaqDetailSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Faq
from cms.services import entries, entry_search, faqs, trash


@blp.route("/faqs")
class Faqs(Resource):
    @blp.query(FaqFiltersSchema)
    @blp.lists(FaqSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """List FAQs of any status, last changed first"""
        return entry_search.find(actor(), Faq, **query), query["limit"]

    @blp.body(NewFaqSchema)
    @blp.shows(FaqSchema, 201)
    def post(self, values: dict[str, Any]) -> Any:
        """Start a draft"""
        ready = entries.prepared(actor(), Faq, values)
        with transaction():
            faq = faqs.create(actor(), ready)
        return faq, {"Location": f"/api/v1/manage/faqs/{faq.id}"}


@blp.route("/faqs/<id:faq_id>")
class FaqById(Resource):
    @blp.shows(FaqDetailSchema)
    def get(self, faq_id: str) -> Any:
        """Read a working copy, and what shows it"""
        return faqs.read(actor(), faq_id)

    @blp.body(FaqChangesSchema)
    @blp.shows(FaqSchema)
    def patch(self, changes: dict[str, Any], faq_id: str) -> Any:
        """Change some fields of a working copy"""
        ready = entries.prepared(actor(), Faq, changes)
        with transaction():
            return faqs.edit(actor(), faq_id, expected_version(), ready)

    @blp.query(DiscardQuerySchema)
    @blp.shows(DiscardedSchema)
    def delete(self, query: dict[str, Any], faq_id: str) -> Any:
        """Take offline and put in the trash, or remove for ever"""
        with transaction():
            found = trash.put_away(actor(), Faq, faq_id, expected_version(), **query)
        return said(found)
