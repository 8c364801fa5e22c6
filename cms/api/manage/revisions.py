"""The history of a working copy: list it, read it, compare it, turn back to it."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.revision_schemas import (
    DiffQuerySchema,
    DiffSchema,
    RestoredFaqSchema,
    RestoredPostSchema,
    RestoreSchema,
    RevisionSchema,
    WholeRevisionSchema,
)
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Entry, Faq, Post
from cms.services import restoring, revision_history


class Revisions(Resource):
    """The same for posts and FAQs, as all below; `model` says which."""

    model: type[Entry]

    @blp.query(PagingSchema)
    @blp.lists(RevisionSchema)
    def get(self, query: dict[str, Any], entry_id: str) -> Any:
        """List the revisions of a working copy, newest first"""
        return revision_history.find(actor(), self.model, entry_id, **query), query["limit"]


class Revision(Resource):
    model: type[Entry]

    @blp.shows(WholeRevisionSchema)
    def get(self, entry_id: str, number: int) -> Any:
        """Read a revision"""
        return revision_history.read(actor(), self.model, entry_id, number)


class RevisionDiff(Resource):
    model: type[Entry]

    @blp.query(DiffQuerySchema)
    @blp.shows(DiffSchema)
    def get(self, query: dict[str, Any], entry_id: str, number: int) -> Any:
        """Compare a revision with the one before, another, or what is live"""
        return revision_history.compare(actor(), self.model, entry_id, number, **query)


@blp.route("/posts/<id:entry_id>/revisions")
class PostRevisions(Revisions):
    model = Post


@blp.route("/faqs/<id:entry_id>/revisions")
class FaqRevisions(Revisions):
    model = Faq


@blp.route("/posts/<id:entry_id>/revisions/<number:number>")
class PostRevision(Revision):
    model = Post


@blp.route("/faqs/<id:entry_id>/revisions/<number:number>")
class FaqRevision(Revision):
    model = Faq


@blp.route("/posts/<id:entry_id>/revisions/<number:number>/diff")
class PostRevisionDiff(RevisionDiff):
    model = Post


@blp.route("/faqs/<id:entry_id>/revisions/<number:number>/diff")
class FaqRevisionDiff(RevisionDiff):
    model = Faq


@blp.route("/posts/<id:entry_id>/revisions/<number:number>/restore")
class PostRestore(Resource):
    @blp.body(RestoreSchema)
    @blp.shows(RestoredPostSchema)
    def post(self, values: dict[str, Any], entry_id: str, number: int) -> Any:
        """Bring a revision back as a new one"""
        ready = restoring.prepared(actor(), Post, entry_id, number)
        with transaction():
            return restoring.restore(
                actor(), Post, entry_id, number, expected_version(), ready=ready, **values
            )


@blp.route("/faqs/<id:entry_id>/revisions/<number:number>/restore")
class FaqRestore(Resource):
    @blp.body(RestoreSchema)
    @blp.shows(RestoredFaqSchema)
    def post(self, values: dict[str, Any], entry_id: str, number: int) -> Any:
        """Bring a revision back as a new one"""
        ready = restoring.prepared(actor(), Faq, entry_id, number)
        with transaction():
            return restoring.restore(
                actor(), Faq, entry_id, number, expected_version(), ready=ready, **values
            )
