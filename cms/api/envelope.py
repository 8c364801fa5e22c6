"""`{"data": …}` around one object, `{"data": […], "meta", "links"}` around a list."""

from functools import cache
from typing import Any

from marshmallow import Schema, fields


class MetaSchema(Schema):
    limit = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    total = fields.Integer(metadata={"description": "With `total=true`: all that you may read"})


class CountedMetaSchema(MetaSchema):
    """Of a list that always says how long it is."""

    total = fields.Integer(required=True, metadata={"description": "All that the list has"})


class LinksSchema(Schema):
    self = fields.Url(required=True)
    next = fields.Url(required=True, allow_none=True)


def _name(schema: type[Schema]) -> str:
    return schema.__name__.removesuffix("Schema")


@cache
def one(schema: type[Schema]) -> type[Schema]:
    """The schema of an answer that holds one object."""
    return type(f"{_name(schema)}AnswerSchema", (Schema,), {"data": _required(schema, many=False)})


@cache
def many(schema: type[Schema], meta: type[Schema] = MetaSchema) -> type[Schema]:
    """The schema of an answer that holds a page of a list."""
    parts = {
        "data": _required(schema, many=True),
        "meta": fields.Nested(meta, required=True),
        "links": fields.Nested(LinksSchema, required=True),
    }
    return type(f"{_name(schema)}ListAnswerSchema", (Schema,), parts)


def _required(schema: type[Schema], *, many: bool) -> Any:
    return fields.Nested(schema, many=many, required=True)
