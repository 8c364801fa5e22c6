"""What a path may hold. Anything else is a 404 before a database hears of it."""

from werkzeug.routing import BaseConverter

from cms.api.fields import SLUG, UUID
from cms.services.mail_texts import MOVES
from cms.storage import FOLDER, NAME

URL_SAFE = r"[A-Za-z0-9_-]{43}"


class SlugConverter(BaseConverter):
    regex = SLUG.pattern
    part_isolating = True


class IdConverter(BaseConverter):
    regex = UUID.pattern
    part_isolating = True


class TokenConverter(BaseConverter):
    """A secret of 32 bytes, as a URL carries it."""

    regex = URL_SAFE
    part_isolating = True


class VerbConverter(BaseConverter):
    """What a link in a mail does with a comment."""

    regex = "|".join(MOVES)
    part_isolating = True


class NumberConverter(BaseConverter):
    """A number from 1 on, within 32 bits; `007` would be a second address of the same thing."""

    regex = "[1-9][0-9]{0,8}"
    part_isolating = True

    def to_python(self, value: str) -> int:
        return int(value)


class FolderConverter(BaseConverter):
    regex = FOLDER.pattern
    part_isolating = True


class FileNameConverter(BaseConverter):
    regex = NAME.pattern
    part_isolating = True


CONVERTERS = {
    "slug": SlugConverter,
    "id": IdConverter,
    "token": TokenConverter,
    "verb": VerbConverter,
    "number": NumberConverter,
    "folder": FolderConverter,
    "file": FileNameConverter,
}
# How OpenAPI describes them.
DESCRIPTIONS = {
    SlugConverter: {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": 200},
    TokenConverter: {"type": "string", "pattern": f"^{URL_SAFE}$"},
    VerbConverter: {"type": "string", "enum": list(MOVES)},
    NumberConverter: {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    FolderConverter: {"type": "string", "pattern": f"^{FOLDER.pattern}$"},
    FileNameConverter: {"type": "string", "pattern": f"^{NAME.pattern}$", "maxLength": 100},
    IdConverter: {"type": "string", "format": "uuid", "pattern": f"^{UUID.pattern}$"},
}
