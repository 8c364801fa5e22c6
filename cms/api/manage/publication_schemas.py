"""What is public of an entry and when: what editors ask for, and what they are told."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from cms.api.fields import Text, Time
from cms.models import Publication, Status
from cms.services.publish_checks import FAULT, WARNING
from cms.services.publishing import Plan
from cms.times import FOREVER, format_time


class PlanSchema(Schema):
    """`published_at` in the past backdates content that moved here.

    `schedule` says what becomes of a text that waits already.
    """

    correction_note = Text(1000, allow_none=True)
    published_at = Time()
    publish_at = Time(allow_none=True)
    unpublish_at = Time(allow_none=True)
    schedule = fields.String(validate=validate.OneOf(["keep", "replace"]))

    @post_load
    def plan(self, values: dict[str, Any], **_: Any) -> Plan:
        return Plan(**values)


class TimesSchema(Schema):
    """Of what waits; `unpublish_at` of what is live where nothing waits. Null clears that."""

    publish_at = Time()
    unpublish_at = Time(allow_none=True)

    @validates_schema
    def something(self, values: dict[str, Any], **_: Any) -> None:
        if not values:
            raise ValidationError("Name a time to change.", "publish_at")


class LiveSchema(Schema):
    visible_from = Time(required=True)
    visible_until = fields.Method("end", metadata={"type": ["string", "null"]}, required=True)
    revision = fields.Integer(required=True)

    def end(self, row: Publication) -> str | None:
        return None if row.visible_until >= FOREVER else format_time(row.visible_until)


class FindingSchema(Schema):
    """What the checks before publishing say: a fault refuses, a warning does not."""

    check = fields.String(required=True)
    level = fields.String(metadata={"enum": [FAULT, WARNING]}, required=True)
    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class PublicationSchema(Schema):
    """What the public sees of an entry, and what will replace it."""

    live = fields.Nested(LiveSchema, allow_none=True, required=True)
    scheduled = fields.Nested(LiveSchema, allow_none=True, required=True)
    status = fields.String(metadata={"enum": list(Status)}, required=True)
    has_unpublished_changes = fields.Boolean(required=True)
    slug = fields.String(required=True)
    published_at = Time(allow_none=True, required=True)
    version = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class CancelledSchema(PublicationSchema):
    """What is left, and the row that was taken out of the schedule."""

    cancelled = fields.Nested(LiveSchema, allow_none=True, required=True)


class TakenDownSchema(CancelledSchema):
    """What is left, and the rows that were taken offline and out of the schedule."""

    taken_offline = fields.Nested(LiveSchema, allow_none=True, required=True)
