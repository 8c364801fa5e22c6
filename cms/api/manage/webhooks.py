"""Webhooks: who is told of events, and what came of it. For admins."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.webhook_schemas import (
    DeliveryListQuerySchema,
    DeliverySchema,
    MadeWebhookSchema,
    NewSecretSchema,
    NewWebhookSchema,
    WebhookChangesSchema,
    WebhookSchema,
)
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Delivery, Webhook
from cms.services import delivery_log, webhooks
from cms.services.cursors import Page


@blp.route("/webhooks")
class Webhooks(Resource):
    @blp.query(PagingSchema)
    @blp.lists(WebhookSchema)
    def get(self, query: dict[str, Any]) -> tuple[Page, int]:
        """List webhooks, newest first"""
        return webhooks.find(actor(), **query), query["limit"]

    @blp.body(NewWebhookSchema)
    @blp.shows(MadeWebhookSchema, 201)
    def post(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Add a webhook; its secret is shown this once"""
        webhooks.check_url(actor(), values)
        with transaction():
            webhook, secret = webhooks.add(actor(), **values)
        return _with_secret(webhook, secret), {"Location": f"/api/v1/manage/webhooks/{webhook.id}"}


@blp.route("/webhooks/<id:webhook_id>")
class WebhookById(Resource):
    @blp.shows(WebhookSchema)
    def get(self, webhook_id: str) -> Webhook:
        """Read one webhook"""
        return webhooks.get(actor(), webhook_id)

    @blp.body(WebhookChangesSchema)
    @blp.shows(WebhookSchema)
    def patch(self, changes: dict[str, Any], webhook_id: str) -> Webhook:
        """Change a webhook, or switch it off and on"""
        version = expected_version()
        webhooks.check_url(actor(), changes)
        with transaction():
            return webhooks.edit(actor(), webhook_id, version, changes)

    @blp.removes
    def delete(self, webhook_id: str) -> None:
        """Delete a webhook with its log; what waits for it is not sent"""
        with transaction():
            webhooks.remove(actor(), webhook_id, expected_version())


@blp.route("/webhooks/<id:webhook_id>/secret")
class WebhookSecret(Resource):
    @blp.body(NewSecretSchema)
    @blp.shows(MadeWebhookSchema, 201)
    def post(self, values: dict[str, Any], webhook_id: str) -> dict[str, Any]:
        """Make another secret, shown this once; the old one signs too for a time"""
        with transaction():
            webhook, secret = webhooks.change_secret(actor(), webhook_id, **values)
        return _with_secret(webhook, secret)


@blp.route("/webhooks/<id:webhook_id>/ping")
class WebhookPing(Resource):
    @blp.shows(DeliverySchema, 202)
    def post(self, webhook_id: str) -> Delivery:
        """Send an event `webhook.ping`, to try whether it arrives"""
        with transaction():
            return delivery_log.ping(actor(), webhook_id)


@blp.route("/webhooks/<id:webhook_id>/deliveries")
class WebhookDeliveries(Resource):
    @blp.query(DeliveryListQuerySchema)
    @blp.lists(DeliverySchema)
    def get(self, query: dict[str, Any], webhook_id: str) -> tuple[Page, int]:
        """List what was sent, newest first, with each attempt"""
        return delivery_log.find(actor(), webhook_id, **query), query["limit"]


@blp.route("/webhooks/<id:webhook_id>/deliveries/<id:delivery_id>/redeliver")
class WebhookRedelivery(Resource):
    @blp.shows(DeliverySchema, 202)
    def post(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Send it again now, under the same `webhook-id`"""
        with transaction():
            return delivery_log.redeliver(actor(), webhook_id, delivery_id)


def _with_secret(webhook: Webhook, secret: str) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in WebhookSchema().fields} | {"secret": secret}
