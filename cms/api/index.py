"""Where things are, for whoever opens the bare address."""

import orjson
from flask import current_app
from marshmallow import Schema, fields

from cms.api.conditional import Finished
from cms.api.openapi import DOCUMENT_URL, REFERENCE_URL
from cms.api.resources import Resource, Resources

blp = Resources("index", __name__, description="Where things are")
PLACES = {"site": "/api/v1/site", "posts": "/api/v1/posts"}
PLACES |= {"reference": REFERENCE_URL, "openapi": DOCUMENT_URL}


class PlacesSchema(Schema):
    site = fields.Url(required=True)
    posts = fields.Url(required=True)
    reference = fields.Url(required=True, metadata={"description": "For people"})
    openapi = fields.Url(required=True, metadata={"description": "For programs"})


class IndexSchema(Schema):
    name = fields.String(required=True)
    links = fields.Nested(PlacesSchema, required=True)


class Index(Resource):
    @blp.delivers(IndexSchema)
    def get(self) -> Finished:
        """Say where the site, its posts and this description are"""
        config = current_app.config["CMS"]
        links = {name: config.api_url + path for name, path in PLACES.items()}
        return Finished(orjson.dumps({"name": "Headless CMS", "links": links}))


for path in ("/", "/api", "/api/v1"):
    blp.route(path, endpoint=path.strip("/").replace("/", "_") or "root")(Index)
