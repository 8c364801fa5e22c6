"""What a path may hold. Anything else is a 404 before a database hears of it."""

from werkzeug.routing import BaseConverter

from cms.api.fields import SLUG, UUID


class SlugConverter(BaseConverter):
    regex = SLUG.pattern
    part_isolating = True


class IdConverter(BaseConverter):
    regex = UUID.pattern
    part_isolating = True


CONVERTERS = {"slug": SlugConverter, "id": IdConverter}
# How OpenAPI describes them.
DESCRIPTIONS = {
    SlugConverter: {"type": "string", "pattern": f"^{SLUG.pattern}$", "maxLength": 200},
    IdConverter: {"type": "string", "format": "uuid", "pattern": f"^{UUID.pattern}$"},
}
