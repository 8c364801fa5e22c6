"""What the public sees of a post's past."""

from marshmallow import Schema, fields


class HistoryChangesSchema(Schema):
    """Unified diffs against the text shown before, of the fields that changed."""

    title = fields.String()
    excerpt = fields.String()
    body = fields.String(metadata={"description": "Of the body as Markdown"})
    sources = fields.String(metadata={"description": "Of the list, one source a line"})


class HistoryEntrySchema(Schema):
    """A text that became public. One that was taken out has a `reason`, and no text."""

    id = fields.UUID(required=True)
    published_at = fields.AwareDateTime(required=True)
    redacted = fields.Boolean(required=True)
    correction_note = fields.String(allow_none=True)
    changes = fields.Nested(HistoryChangesSchema)
    reason = fields.String()
