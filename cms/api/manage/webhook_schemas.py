"""Webhooks and their deliveries, as admins send and read them."""

from marshmallow import Schema, fields, validate

from cms.api.fields import Flag, Text, Time, WholeNumber
from cms.api.paging import PagingSchema
from cms.models.event_types import KINDS, NAMES
from cms.services.delivery_log import STATUSES

DAY = 24 * 3600
NO_EVENT = "No such event is sent. Name one of docs/events.md, all of a kind (`post.*`), or `*`."


def _url(**kwargs: object) -> fields.String:
    return fields.String(
        validate=validate.Length(1, 500),
        metadata={"description": "Over http or https; on the open net, unless settings allow more"},
        **kwargs,
    )


def _events(**kwargs: object) -> fields.List:
    return fields.List(
        fields.String(validate=validate.OneOf(NAMES, error=NO_EVENT)),
        validate=validate.Length(1, 50),
        metadata={"description": f"Kinds: {', '.join(KINDS)}"},
        **kwargs,
    )


class NewWebhookSchema(Schema):
    url = _url(required=True)
    events = _events(load_default=["*"])
    description = Text(200, load_default="")
    active = Flag(load_default=True)


class WebhookChangesSchema(Schema):
    url = _url()
    events = _events()
    description = Text(200)
    active = Flag()


class WebhookSchema(Schema):
    id = fields.UUID(required=True)
    url = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    description = fields.String(required=True)
    active = fields.Boolean(
        required=True, metadata={"description": "Off, too, once it answered 410"}
    )
    old_secret_until = Time(
        required=True,
        allow_none=True,
        metadata={"description": "Until when messages are signed with the secret before as well"},
    )
    rests_until = Time(
        required=True,
        allow_none=True,
        metadata={"description": "When it is tried again after it did not answer, or was busy"},
    )
    version = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)


class MadeWebhookSchema(WebhookSchema):
    """With the secret, which is shown only now."""

    secret = fields.String(required=True, metadata={"description": "`whsec_…`"})


class NewSecretSchema(Schema):
    keep_old_for = WholeNumber(
        0, 7 * DAY, load_default=DAY, metadata={"description": "Seconds the old secret signs too"}
    )


class DeliveryListQuerySchema(PagingSchema):
    status = fields.String(load_default=None, validate=validate.OneOf(list(STATUSES)))


class DeliveryAttemptSchema(Schema):
    at = Time(required=True)
    milliseconds = fields.Integer(required=True)
    status_code = fields.Integer(required=True, allow_none=True)
    failure = fields.String(
        required=True, allow_none=True, metadata={"description": "Why nothing came back"}
    )
    excerpt = fields.String(required=True, metadata={"description": "How the answer begins"})


class DeliverySchema(Schema):
    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True, metadata={"description": "The header `webhook-id`"})
    type = fields.String(required=True, attribute="event.type")
    data = fields.Dict(required=True, attribute="event.payload")
    status = fields.String(required=True, validate=validate.OneOf(list(STATUSES)))
    created_at = Time(required=True)
    due_at = Time(required=True, allow_none=True, metadata={"description": "The next attempt"})
    received_at = Time(required=True, allow_none=True)
    attempts = fields.List(fields.Nested(DeliveryAttemptSchema), required=True, attribute="log")
