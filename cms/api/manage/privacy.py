"""Everything about one reader's address: shown to an administrator, or erased."""

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from cms.api.cleaned import Cleaned
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import compacting, privacy
from cms.services.batches import let_others_write
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


def _told(field: type[fields.Field], description: str, *args: Any) -> fields.Field:
    return field(*args, required=True, metadata={"description": description})


class ErasedSchema(Schema):
    """What was done, and what a person has to look at: it is others' words, or the site's."""

    removed = fields.Integer(required=True)
    placeholders = _told(fields.Integer, "Empty places that stay, since others answered")
    named_in = _told(fields.List, "Comments of others that seem to name the writer", fields.UUID())
    faqs = _told(fields.List, "FAQs that were made from what is gone", fields.UUID())
    is_blocked = _told(fields.Boolean, "The rules of comments block the address, and name it")
    log_is_empty = _told(
        fields.Boolean,
        "Nothing of it is left in SQLite's log. If something is, since others read all the time:"
        " erase the address again",
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
        done = privacy.begin_erasure(actor(), asked["email"])
        while done.has_more:
            with transaction():
                done += privacy.erase(actor(), asked["email"])
            if done.has_more:
                let_others_write()
        return asdict(done) | {"log_is_empty": compacting.empty_log()}
