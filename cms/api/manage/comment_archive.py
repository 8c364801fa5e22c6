"""All comments as a file, out of this site and into it: as `cms comment export` and `import` do."""

from collections.abc import Iterator
from typing import Any

from flask import Response, stream_with_context
from marshmallow import Schema, fields, validate

from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.multipart import Upload
from cms.api.resources import Resource
from cms.database import transaction
from cms.errors import Invalid
from cms.importers import comment_files
from cms.services import archiving, bringing_in
from cms.services.bringing_in import Taken

# They take some seconds. A file may be cut anywhere: what is answered has to come first.
MOST = 2000
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


def _format(**kwargs: Any) -> fields.Field:
    return fields.String(validate=validate.OneOf(comment_files.KINDS), **kwargs)


class CommentExportSchema(Schema):
    format = _format(load_default="json")


class CommentImportSchema(Schema):
    """A file that an export wrote, or one like it, of 2,000 comments at most."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
    format = _format(metadata={"description": "By the name of the file, if it is not said"})


class LeftOutCommentSchema(Schema):
    id = fields.UUID(required=True)
    detail = fields.String(required=True)


class ImportedSchema(Schema):
    """What is there stays as it is, so a file may be sent again."""

    new = fields.Integer(required=True)
    there = fields.Integer(required=True)
    left_out = fields.List(
        fields.Nested(LeftOutCommentSchema),
        required=True,
        metadata={"description": "The post or the parent is not here, or the words are already"},
    )


@blp.route("/comments/export")
class CommentExport(Resource):
    @blp.body(CommentExportSchema)
    @blp.response(200, {"type": "string"}, content_type="text/csv")
    @blp.alt_response(200, schema={"type": "array"}, content_type="application/json")
    def post(self, asked: dict[str, Any]) -> Any:
        """Take all comments away as a file, with their ids and where they came from"""
        with transaction():
            archiving.begin_export(actor())
        return _file(archiving.written(asked["format"]), asked["format"])


@blp.route("/comments/import")
class CommentImport(Resource):
    @blp.upload(CommentImportSchema)
    @blp.shows(ImportedSchema)
    def post(self, upload: Upload) -> Any:
        """Add the comments of a file, under their ids and with their statuses"""
        taken = Taken()
        for part in bringing_in.parts(actor(), upload.data, _kind(upload), most=MOST):
            with transaction():
                taken += bringing_in.take(actor(), part)
        left_out = [{"id": one, "detail": why} for one, why in taken.left]
        return {"new": taken.new, "there": taken.there, "left_out": left_out}


def _file(parts: Iterator[str], kind: str) -> Response:
    # Never whole in memory: a site may have a million comments.
    sent = stream_with_context(one.encode() for one in parts)
    named = {"Content-Disposition": f'attachment; filename="comments.{kind}"'}
    return Response(sent, headers=named, content_type=CONTENT_TYPES[kind])


def _kind(upload: Upload) -> str:
    """Raises Invalid where neither the form nor the name of the file says it."""
    kind = upload.fields.get("format") or comment_files.kind_of(upload.name)
    if kind is None:
        raise Invalid("/format", f"Say one of: {', '.join(comment_files.KINDS)}.")
    return kind
