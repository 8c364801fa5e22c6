"""The media library: upload, describe, find, remove."""

from typing import Any

from cms.api.conditional import expected_version
from cms.api.envelope import one
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.media_schemas import (
    ListedMediaSchema,
    MediaChangesSchema,
    MediaFormSchema,
    MediaSchema,
)
from cms.api.manage.queries import MediaFiltersSchema
from cms.api.multipart import Upload
from cms.api.resources import Resource
from cms.database import transaction
from cms.services import media, uploading


@blp.route("/media")
class Files(Resource):
    @blp.query(MediaFiltersSchema)
    @blp.lists(ListedMediaSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """List files, newest first"""
        return media.find(actor(), **query), query["limit"]

    @blp.upload(MediaFormSchema)
    @blp.alt_response(200, schema=one(MediaSchema), description="These bytes were there already")
    @blp.shows(MediaSchema, 201)
    def post(self, upload: Upload) -> Any:
        """Upload an image or a PDF"""
        ready = uploading.prepared(actor(), upload.name, upload.data, upload.fields)
        with uploading.written(ready), transaction():
            kept = uploading.add(actor(), ready)
        if kept is ready.media and not ready.is_known:
            return kept, {"Location": f"/api/v1/manage/media/{kept.id}"}
        return kept, {}, 200


@blp.route("/media/<id:media_id>")
class FileById(Resource):
    @blp.shows(MediaSchema)
    def get(self, media_id: str) -> Any:
        """Read what is known of a file, and where it is used"""
        return media.get(actor(), media_id)

    @blp.body(MediaChangesSchema)
    @blp.shows(MediaSchema)
    def patch(self, changes: dict[str, Any], media_id: str) -> Any:
        """Change what is said of a file; readers see it at once"""
        version = expected_version()
        ready = media.prepared(actor(), media_id, changes)
        with transaction():
            return media.edit(actor(), media_id, version, changes, ready)

    @blp.removes
    def delete(self, media_id: str) -> None:
        """Remove a file that nothing uses"""
        with transaction():
            folder = media.remove(actor(), media_id, expected_version())
        media.discard(folder)
