"""What a path may hold. Anything else is a 404 before a database hears of it."""

from werkzeug.routing import BaseConverter

from cms.api.fields import SLUG, UUID
from cms.storage import FOLDER, NAME


class SlugConverter(BaseConverter):
    regex = SLUG.pattern
    part_isolating = True


class IdConverter(BaseConverter):
    regex = UUID.pattern
    part_isolating = True


class FolderConverter(BaseConverter):
    regex = FOLDER.pattern
    part_isolating = True


class FileNameConverter(BaseConverter):
    regex = NAME.pattern
    part_isolating = True


CONVERTERS = {
    "slug": SlugConverter,
    "id": IdConverter,
    "folder": FolderConverter,
    "file": FileNameConverter,
}
# How OpenAPI describes them.
DESCRIPTIONS = {
    SlugConverter: {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": 200},
    FolderConverter: {"type": "string", "pattern": f"^{FOLDER.pattern}$"},
    FileNameConverter: {"type": "string", "pattern": f"^{NAME.pattern}$", "maxLength": 100},
    IdConverter: {"type": "string", "format": "uuid", "pattern": f"^{UUID.pattern}$"},
}
