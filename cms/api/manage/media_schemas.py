"""What editors say of a file, and see of it."""

import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, validate

from cms.api.delivery.schemas import RenditionSchema
from cms.api.fields import Text, Time
from cms.services import media_addresses, media_uses

DECIMAL = re.compile(r"[01](?:\.[0-9]{1,20})?")


class Share(fields.Float):
    """A JSON number from 0 to 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, validate=validate.Range(0, 1), **kwargs)

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool | str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class ShareText(Share):
    """The same as the text of a form: `0.25`."""

    def _validated(self, value: Any) -> float:
        if not DECIMAL.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._validated(float(value))


class LookedUp(fields.List):
    """A list that is found when it is shown, given the object."""

    def __init__(self, find: Callable[[Any], list[Any]], schema: type[Schema]) -> None:
        super().__init__(fields.Nested(schema), required=True)
        self.find = find

    def get_value(self, obj: Any, *_: Any, **__: Any) -> list[Any]:
        return self.find(obj)


class MediaFormSchema(Schema):
    """A file, recognised by its content, and what is said of it."""

    file = fields.Raw(
        required=True,
        metadata={
            "type": "string",
            "format": "binary",
            "description": "JPEG, PNG, WebP, GIF or PDF",
        },
    )
    alt = Text(500)
    caption = Text(2000)
    focal_x = ShareText()
    focal_y = ShareText()


class MediaChangesSchema(Schema):
    """What may be said of a file. The file itself never changes."""

    alt = Text(500)
    caption = Text(2000)
    focal_x = Share()
    focal_y = Share()


class ListedMediaSchema(Schema):
    id = fields.UUID(required=True)
    url = fields.Function(
        media_addresses.media_url, metadata={"type": "string", "format": "uri"}, required=True
    )
    filename = fields.String(required=True)
    mime_type = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes"})
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    alt = fields.String(required=True)
    caption = fields.String(required=True)
    focal_x = fields.Float(required=True)
    focal_y = fields.Float(required=True)
    renditions = LookedUp(media_addresses.renditions_of, RenditionSchema)
    version = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    created_by = fields.UUID(allow_none=True, required=True)


class UseSchema(Schema):
    """`as` is `hero`, `body`, `photo`, or `publication` for what is or will be public."""

    kind = fields.String(required=True, metadata={"enum": ["post", "faq", "author"]})
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    role = fields.String(
        data_key="as",
        attribute="as",
        required=True,
        metadata={"enum": ["hero", "body", "photo", "publication"]},
    )


class MediaSchema(ListedMediaSchema):
    """A file, and where it is used."""

    used_in = LookedUp(lambda media: media_uses.of(media.id), UseSchema)
