"""The files behind public addresses: for anyone, for ever, and harmless to who opens one.

An address holds a digest of its bytes, so an answer never changes, and nobody guesses one.
"""

from flask import Response, request

from cms.api.conditional import is_known
from cms.api.resources import Resource, Resources
from cms.errors import NotFound
from cms.files import IMAGES, KINDS
from cms.services import media_files

blp = Resources("files", __name__, description="Uploaded files: public, cacheable for ever")

BINARY = {"schema": {"type": "string", "format": "binary"}}
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    # Opened by itself, it runs nothing and loads nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
ANSWERS = {
    "200": {
        "description": "The file",
        "content": {kind.mime_type: BINARY for kind in KINDS.values()},
    }
}


@blp.route("/<folder:folder>/<file:name>")
class StoredFile(Resource):
    @blp.doc(responses=ANSWERS)
    def get(self, folder: str, name: str) -> Response:
        """Read a file of the media library"""
        data = media_files.read(folder, name)
        if data is None:
            raise NotFound("There is no such file.", reason="not_found")
        headers = HEADERS | {"ETag": f'"{folder}"'}
        if is_known(request.headers.get("If-None-Match"), headers["ETag"]):
            return Response(status=304, headers=headers)
        return Response(data, headers=headers | _kind(name))


def _kind(name: str) -> dict[str, str]:
    mime_type = KINDS[name.rpartition(".")[2]].mime_type
    shown = "inline" if mime_type in IMAGES else "attachment"
    disposition = f'{shown}; filename="{name}"'
    return {"Content-Type": mime_type, "Content-Disposition": disposition}
