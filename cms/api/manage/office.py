"""The back office: what was done, what the site says of itself, and what waits for somebody."""

from typing import Any

from flask import current_app
from marshmallow import Schema, ValidationError, fields, validate, validates

from cms.api.conditional import expected_version
from cms.api.fields import Id, Name, Text, Time, Url, WholeNumber
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import CommentStatus, Status
from cms.services import audit, settings, stats
from cms.services.cursors import Page


class AuditFiltersSchema(PagingSchema):
    actor_id = Id()
    object_id = fields.String(validate=validate.Length(1, 200))
    action = fields.List(fields.String(validate=validate.Length(1, 200)))
    via = fields.String(validate=validate.Length(1, 200))
    after = Time()
    before = Time()


class AuditActorSchema(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)


class AuditEventSchema(Schema):
    """`via` is `session:ID`, `token:ID`, `mail:ID`, `command line`, `worker` or `reader`."""

    id = fields.UUID(required=True)
    at = Time(required=True)
    action = fields.String(required=True)
    object_id = fields.String(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields", required=True)
    via = fields.String(required=True)
    actor = fields.Nested(AuditActorSchema, allow_none=True, required=True)


@blp.route("/audit-log")
class AuditLog(Resource):
    @blp.query(AuditFiltersSchema)
    @blp.lists(AuditEventSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Read who did what to what, when, and by which proof; newest first"""
        page = audit.find(actor(), **query)
        names = audit.names_of(page.items)
        shown = [_event(event, names) for event in page.items]
        return Page(shown, page.next_cursor, page.total), query["limit"]


def _event(event: Any, names: dict[str, str]) -> dict[str, Any]:
    known = ("id", "at", "action", "object_id", "fields", "via")
    who = event.actor_id and {"id": event.actor_id, "name": names.get(event.actor_id)}
    return {name: getattr(event, name) for name in known} | {"actor": who or None}


class SettingsChangesSchema(Schema):
    """Null gives back what the environment says."""

    name = Name(120, shortest=1, allow_none=True)
    description = Text(1000, allow_none=True)
    logo_url = Url(allow_none=True)
    comment_consent = fields.Dict(
        keys=fields.String(),
        values=Text(2000, shortest=1),
        allow_none=True,
        metadata={"description": "What readers agree to when they comment, by locale"},
    )
    comment_levels = WholeNumber(
        1,
        10,
        allow_none=True,
        metadata={"description": "How deep replies nest; deeper ones join the last level"},
    )

    @validates("comment_consent")
    def refuse_languages_that_the_site_has_not(self, value: Any, **_: Any) -> None:
        locales = current_app.config["CMS"].locales
        wrong = next((one for one in value or {} if one not in locales), None)
        if wrong is not None:
            raise ValidationError(f"This site has only: {', '.join(locales)}.")


class SettingsSchema(Schema):
    name = fields.String(allow_none=True, required=True)
    description = fields.String(allow_none=True, required=True)
    logo_url = fields.Url(allow_none=True, required=True)
    comment_consent = fields.Dict(
        keys=fields.String(), values=fields.String(), allow_none=True, required=True
    )
    comment_levels = fields.Integer(allow_none=True, required=True)
    version = fields.Integer(required=True)
    updated_at = Time(required=True)


@blp.route("/settings")
class Settings(Resource):
    @blp.shows(SettingsSchema)
    def get(self) -> Any:
        """Read what administrators say about the site"""
        return settings.get(actor())

    @blp.body(SettingsChangesSchema)
    @blp.shows(SettingsSchema)
    def patch(self, changes: dict[str, Any]) -> Any:
        """Change it; it shows at the next public read"""
        with transaction():
            return settings.edit(actor(), expected_version(), changes)


EntryCountsSchema = Schema.from_dict(
    {name: fields.Integer(required=True) for name in [*map(str, Status), "unpublished_changes"]},
    name="EntryCountsSchema",
)
CommentCountsSchema = Schema.from_dict(
    {name: fields.Integer(required=True) for name in map(str, CommentStatus)},
    name="CommentCountsSchema",
)


class StatsSchema(Schema):
    posts = fields.Nested(EntryCountsSchema, required=True)
    faqs = fields.Nested(EntryCountsSchema, required=True)
    reviews_overdue = fields.Integer(
        required=True, metadata={"description": "Posts that were to be reviewed again by now"}
    )
    broken_links = fields.Integer(
        required=True,
        metadata={"description": "Posts and FAQs with a link that leads no reader anywhere"},
    )
    searches_without_results = fields.Integer(
        required=True,
        metadata={"description": "What readers looked for in the last 30 days and did not find"},
    )
    comments = fields.Nested(CommentCountsSchema, metadata={"description": "For who may read them"})


@blp.route("/stats")
class Stats(Resource):
    @blp.shows(StatsSchema)
    def get(self) -> Any:
        """Count what waits for somebody"""
        return stats.counts(actor())
