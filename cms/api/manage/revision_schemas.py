"""What editors see of an entry's history."""

from marshmallow import Schema, fields, validate

from cms.api.fields import Text, Time
from cms.api.manage.schemas import FaqSchema, PostSchema
from cms.api.problems import PersonSchema

ANYTHING = {"type": ["string", "integer", "boolean", "array", "object", "null"]}


class RevisionSchema(Schema):
    """A saved state of a working copy; `updated_at` is the last quick save that it took in."""

    number = fields.Integer(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    created_by = fields.Nested(PersonSchema, allow_none=True, required=True)
    note = fields.String(allow_none=True, required=True)
    changed_fields = fields.List(
        fields.String(),
        metadata={"description": "What is other than in the one before"},
        required=True,
    )
    is_live = fields.Boolean(required=True)
    is_current = fields.Boolean(required=True)


class WholeRevisionSchema(RevisionSchema):
    """`version` is the entry's present one, as in the ETag."""

    fields_ = fields.Dict(
        data_key="fields",
        attribute="fields",
        metadata={"description": "Every field as it was, named as in the working copy"},
        required=True,
    )
    version = fields.Integer(required=True)


class DiffQuerySchema(Schema):
    against = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^(live|[1-9][0-9]{0,8})\Z", error="A number, or `live`."),
        metadata={"description": "A number, or `live`; the one before if left out"},
    )


class LinkChangeSchema(Schema):
    id = fields.UUID(required=True)
    name = fields.String(
        allow_none=True, metadata={"description": "Null: it has gone"}, required=True
    )


class NoteChangeSchema(LinkChangeSchema):
    before = fields.String(allow_none=True, required=True)
    after = fields.String(allow_none=True, required=True)


class DifferenceSchema(Schema):
    """`text` has a `diff`; `links` have lists; a `value` has `before` and `after`."""

    field = fields.String(metadata={"description": "As `title` or `seo.title`"}, required=True)
    kind = fields.String(metadata={"enum": ["text", "links", "value"]}, required=True)
    diff = fields.String(metadata={"description": "Unified, without file names"})
    coarse = fields.Boolean(
        metadata={"description": "Too long to compare exactly: lines that stayed may show as new"}
    )
    added = fields.List(fields.Nested(LinkChangeSchema))
    removed = fields.List(fields.Nested(LinkChangeSchema))
    moved = fields.List(fields.Nested(LinkChangeSchema))
    noted = fields.List(fields.Nested(NoteChangeSchema))
    before = fields.Raw(metadata=ANYTHING)
    after = fields.Raw(metadata=ANYTHING)


class DiffSchema(Schema):
    """What differs in a revision from another; `version` is the entry's present one."""

    number = fields.Integer(required=True)
    against = fields.Integer(allow_none=True, required=True)
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
    version = fields.Integer(required=True)


class RestoreSchema(Schema):
    """Why, for the history."""

    note = Text(500, allow_none=True)


class LeftOutSchema(Schema):
    """What could not come back."""

    field = fields.String(required=True)
    value = fields.String(metadata={"description": "The id, slug or locale"}, required=True)
    why = fields.String(metadata={"enum": ["gone", "taken", "not_configured"]}, required=True)


class RestoredPostSchema(PostSchema):
    left_out = fields.List(fields.Nested(LeftOutSchema), required=True)


class RestoredFaqSchema(FaqSchema):
    left_out = fields.List(fields.Nested(LeftOutSchema), required=True)
