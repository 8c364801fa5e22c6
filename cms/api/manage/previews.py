"""Preview links: make, list and revoke them."""

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from cms.api.fields import Time, WholeNumber
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.paging import PagingSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import PreviewLink
from cms.services import previewing

WEEK = 7 * 24 * 3600
SHORTEST, LONGEST = 60, 30 * 24 * 3600


class NewPreviewSchema(Schema):
    expires_in = WholeNumber(
        SHORTEST, LONGEST, load_default=WEEK, metadata={"description": "Seconds"}
    )


class PreviewSchema(Schema):
    id = fields.UUID(required=True)
    post_id = fields.UUID(allow_none=True, required=True)
    created_at = Time(required=True)
    created_by = fields.UUID(allow_none=True, required=True)
    expires_at = Time(required=True)


class MadePreviewSchema(PreviewSchema):
    """With the address, which is shown only now."""

    token = fields.String(required=True)
    url = fields.String(required=True)


class Previews(Resource):
    @blp.query(PagingSchema)
    @blp.lists(PreviewSchema)
    def get(self, query: dict[str, Any], post_id: str | None = None) -> Any:
        """List the links that still work, newest first"""
        return previewing.find(actor(), post_id, **query), query["limit"]

    @blp.body(NewPreviewSchema)
    @blp.shows(MadePreviewSchema, 201)
    def post(self, values: dict[str, Any], post_id: str | None = None) -> Any:
        """Make a link that shows this with no sign-in, until it expires"""
        with transaction():
            link, token = previewing.make(actor(), post_id, **values)
        return _shown(link, token)


@blp.route("/posts/<id:post_id>/preview-links")
class PostPreviews(Previews):
    """Of one post: its working copy."""


@blp.route("/site/preview-links")
class SitePreviews(Previews):
    """Of the site, as it will stand at a time to come."""


@blp.route("/preview-links/<id:link_id>")
class PreviewById(Resource):
    @blp.removes
    def delete(self, link_id: str) -> None:
        """Revoke a link at once"""
        with transaction():
            previewing.revoke(actor(), link_id)


def _shown(link: PreviewLink, token: str) -> dict[str, Any]:
    address = f"{current_app.config['CMS'].api_url}/api/v1/preview/{token}"
    if link.post_id is None:
        address += "/posts"
    names = ("id", "post_id", "created_at", "created_by", "expires_at")
    return {name: getattr(link, name) for name in names} | {"token": token, "url": address}
