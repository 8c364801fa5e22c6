"""Everything about one reader's address: shown to an administrator, or erased."""

from typing import Any

from marshmallow import Schema, fields

from cms.api.cleaned import Cleaned
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import privacy
from cms.services.contact import clean_email
from cms.services.emails import LONGEST


class AddressSchema(Schema):
    email = Cleaned(clean_email, LONGEST, required=True)


class KeptSchema(Schema):
    """The rows of each table that are about the address, as they are kept."""

    comments = fields.List(fields.Dict(), required=True)
    comment_edits = fields.List(fields.Dict(), required=True)
    idempotency_keys = fields.List(fields.Dict(), required=True)
    audit_log = fields.List(fields.Dict(), required=True)
    outbox = fields.List(fields.Dict(), required=True)


class ErasedSchema(Schema):
    removed = fields.Integer(required=True)
    placeholders = fields.Integer(
        required=True, metadata={"description": "Empty places that stay, since others answered"}
    )


@blp.route("/privacy/export")
class PrivacyExport(Resource):
    @blp.body(AddressSchema)
    @blp.shows(KeptSchema)
    def post(self, asked: dict[str, Any]) -> Any:
        """Show everything that is kept about an address"""
        with transaction():
            return privacy.export(actor(), asked["email"])


@blp.route("/privacy/erase")
class PrivacyErase(Resource):
    @blp.body(AddressSchema)
    @blp.shows(ErasedSchema)
    def post(self, asked: dict[str, Any]) -> Any:
        """Erase everything about an address, for good"""
        with transaction():
            done = privacy.erase(actor(), asked["email"])
        privacy.empty_log()
        return done
